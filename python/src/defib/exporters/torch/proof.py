"""Runs a few rows through the module itself, and holds the replay of its export against that."""

from __future__ import annotations

import copy
import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from ..._errors import DefibWarning, UnfaithfulExport
from .. import proof
from ..arrays import Array, as_array
from ..document import RunDocument
from .criteria import criteria, total
from .twin import twin
from .undisturbed import Draws, undisturbed, without_dropout
from .unwrap import own_dtype

FRAMEWORK = "PyTorch"
_SEED, _OTHER_SEED = 0x0DEF1B, 0x1DEF1B


class Prover:
    """One model with its export.

    Args:
        model: The module, in the mode that was traced.
        names: The arguments of `forward` that the data feeds, in the order of the run's inputs.
        document: The whole run.
        outputs: Names of the run's outputs, in the order in which `forward` returns them.
        parameters: id of a parameter -> its name in the run.
        loss: What the user gave as the loss.
        hints: What the tracing met that may be behind a difference.
    """

    def __init__(
        self,
        model: nn.Module,
        names: Sequence[str],
        document: RunDocument,
        outputs: Sequence[str],
        parameters: Mapping[int, str],
        loss: Any,
        hints: Sequence[str],
    ) -> None:
        self.model, self.names, self.document = model, names, document
        self.outputs, self.parameters = list(outputs), parameters
        self.loss, self.hints = loss, hints

    def prove(self) -> None:
        """Compare on a small batch, and on others where the difference may be one of rounding.

        Raises:
            UnfaithfulExport: the replay computes something else.
        """
        worst: tuple[proof.Sample, proof.Difference] | None = None
        for sample in proof.samples(self.document):
            held = self._differing(sample)
            if held is None:
                return
            if worst is None or held[1].share > worst[1].share:
                worst = held
            if held[1].share > proof.GROSS:
                break
        if worst is not None:
            sample, difference = worst
            where = self._where(sample, difference)
            raise proof.refused(difference, FRAMEWORK, where, self.hints)

    def _differing(self, sample: proof.Sample) -> tuple[proof.Sample, proof.Difference] | None:
        kind = own_dtype(self.model)
        model = self.model if kind == torch.float32 else twin(self.model, torch.float32)
        if model is None:
            self._unproved("the model cannot be copied")
            return None
        sample, wanted = self._truth(model, sample, torch.float32)
        if wanted is None:
            self._unproved("its forward or its loss fails on a few rows")
            return None
        held, exact = self._compared(sample, wanted)
        if held is None and not sample.stand_ins and not proof.proves_gradients(wanted, exact):
            # Zero, NaN or noise as a gradient proves nothing; other targets give another one.
            replaced = proof.with_stand_in(sample, wanted.outputs)
            if replaced.stand_ins:
                replaced, wanted = self._truth(model, replaced, torch.float32)
                if wanted is not None:
                    return self._compared(replaced, wanted)[0]
        return held

    def _compared(
        self, sample: proof.Sample, wanted: proof.Truth
    ) -> tuple[tuple[proof.Sample, proof.Difference] | None, proof.Truth | None]:
        """Return where the replay differs, and the answer in float64 where it was needed."""
        found = proof.replayed(sample)
        if found is None or not proof.differences(found, wanted):
            return None, None
        # Only now is float64 worth its time.
        exact = self._exact(sample, wanted)
        left = proof.differences(found, wanted, exact)
        if not left:
            return None, exact
        # Backwards, the last layer that differs is the first; forwards, the outputs come first.
        ahead = [d for d in left if d.what in ("output", "the loss")]
        return (sample, ahead[0] if ahead else left[-1]), exact

    def _exact(self, sample: proof.Sample, wanted: proof.Truth) -> proof.Truth | None:
        """Run a copy in float64; None: there is none, or it is not the same model.

        A copy in float32 must repeat what the model said: hooks that know their module, types
        written into the model and random numbers would else pass for rounding.
        """
        try:
            copied = twin(self.model, torch.float32)
            again = (
                None if copied is None else self._run(copied, sample, torch.float32, _OTHER_SEED)
            )
            if again is None or proof.differences(again, wanted):
                return None
            copied = twin(self.model, torch.float64)
            return None if copied is None else self._run(copied, sample, torch.float64)
        except Exception:
            return None

    def _unproved(self, reason: str) -> None:
        """Say that nothing is proved; refuse what is known to be suspect.

        Raises:
            UnfaithfulExport: the model holds what may change its gradients.
        """
        if self.hints:
            raise UnfaithfulExport(
                f"the export could not be proved, because {reason}, and the model has "
                f"{'; '.join(self.hints)}. Take that out, or pass verify=False to go on all the "
                "same"
            )
        warnings.warn(
            f"the export could not be proved: {reason}. What it says is of the model as traced",
            DefibWarning,
            stacklevel=2,
        )

    # -- what the framework computes

    def _truth(
        self, model: nn.Module, sample: proof.Sample, kind: torch.dtype
    ) -> tuple[proof.Sample, proof.Truth | None]:
        """Run a sample with the user's losses, or with others where these cannot be had."""
        try:
            return sample, self._run(model, sample, kind)
        except _NoLossError as error:
            if error.outputs is None:
                return sample, None
            replaced = proof.with_stand_in(sample, error.outputs)
            try:
                return replaced, self._run(model, replaced, kind)
            except _NoLossError:
                return sample, None

    def _run(
        self, model: nn.Module, sample: proof.Sample, kind: torch.dtype, seed: int = _SEED
    ) -> proof.Truth:
        with self._running(model, kind, seed):
            flags = [parameter.requires_grad for parameter in model.parameters()]
            draws = Draws()
            outputs = self._forward(model, sample, kind)
            self._check_draws(draws)
            self._check_flags(model, flags)
            arrays = {name: as_array(t, name) for name, t in outputs.items()}
            entries = sample.document.losses
            chosen = criteria(None if sample.stand_ins else self.loss, entries)
            if chosen is None or not entries:
                raise _NoLossError(arrays)
            targets = {
                entry["target"]: sample.document.arrays[sample.document.data[entry["target"]]]
                for entry in entries
            }
            try:
                loss = total(chosen, entries, outputs, targets)
            except Exception as error:
                raise _NoLossError(arrays) from error
            gradients = self._gradients(model, loss)
            value = None if sample.stand_ins else float(loss.detach())
            return proof.Truth(arrays, value, gradients)

    def _check_draws(self, draws: Draws) -> None:
        # PyTorch's own numbers cannot be told from what a handler knows to be the identity.
        drawn = [source for source in draws.drawn() if source != "torch"]
        if drawn:
            raise UnfaithfulExport(
                f"forward draws random numbers from {' and '.join(drawn)}, which a replay cannot "
                "repeat; make it depend on self.training and export with mode='eval'"
            )

    def _check_flags(self, model: nn.Module, flags: Sequence[bool]) -> None:
        names = [
            name
            for (name, parameter), flag in zip(model.named_parameters(), flags, strict=True)
            if parameter.requires_grad != flag
        ]
        if names:
            raise UnfaithfulExport(
                f"forward changes requires_grad of {', '.join(names)}; set it before the export, "
                "as the training had it"
            )

    @contextmanager
    def _running(self, model: nn.Module, kind: torch.dtype, seed: int = _SEED) -> Iterator[None]:
        default = torch.get_default_dtype()
        with warnings.catch_warnings(), undisturbed(model), torch.enable_grad():
            warnings.simplefilter("ignore")
            torch.set_default_dtype(kind)
            # Not the numbers of the tracing: what was drawn there is a constant of the run.
            torch.default_generator.manual_seed(seed)
            np.random.seed(seed)
            random.seed(seed)
            try:
                with without_dropout(model):
                    yield
            finally:
                torch.set_default_dtype(default)

    def _forward(
        self, model: nn.Module, sample: proof.Sample, kind: torch.dtype
    ) -> dict[str, torch.Tensor]:
        device = next((p.device for p in model.parameters()), torch.device("cpu"))
        fed = {}
        for name, tensor in zip(self.names, sample.document.inputs, strict=True):
            array = sample.data(tensor)
            value = torch.as_tensor(array.copy(), device=device)
            fed[name] = value.to(kind) if array.dtype.kind == "f" else _whole(value)
        try:
            held = model(**fed)
        except Exception:
            # A script may turn whole numbers into floats before a layer that needs those.
            try:
                held = model(**{name: value.to(kind) for name, value in fed.items()})
            except Exception as error:
                raise _NoLossError(None) from error
        tensors = [leaf for leaf in _leaves(held) if isinstance(leaf, torch.Tensor)]
        return dict(zip(self.outputs, tensors, strict=False))

    def _gradients(self, model: nn.Module, loss: torch.Tensor) -> dict[str, Array]:
        own = dict(zip(model.parameters(), self.model.parameters(), strict=True))
        wanted = [p for p in own if p.requires_grad and id(own[p]) in self.parameters]
        if not wanted:
            return {}
        found: Sequence[torch.Tensor | None] = [None] * len(wanted)
        if loss.requires_grad:
            try:
                found = torch.autograd.grad(loss, wanted, allow_unused=True)
            except RuntimeError as error:
                raise _NoLossError(None) from error
        return {
            self.parameters[id(own[p])]: np.zeros(tuple(p.shape), np.float32)
            if g is None
            else as_array(g.to_dense() if g.is_sparse else g, "a gradient")
            for p, g in zip(wanted, found, strict=True)
        }

    # -- where they part

    def _where(self, sample: proof.Sample, difference: proof.Difference) -> str:
        """Name the first layer whose output differs; empty where none does."""
        if difference.what != "output":
            return ""
        ends: dict[str, str] = {}
        for node in sample.document.nodes:
            if node["outputs"] and node["outputs"][0]:
                ends[node["layer"]] = node["outputs"][0]
        seen = self._layers(sample)
        seen = {layer: value for layer, value in seen.items() if layer in ends}
        if not seen:
            return ""
        few = copy.copy(sample.document)
        few.losses = []
        few.outputs = list(dict.fromkeys(ends[layer] for layer in seen))
        found = proof.replayed(proof.Sample(few, sample.rows))
        if found is None:
            return ""
        for layer, value in seen.items():
            here = found.outputs.get(ends[layer])
            if here is None or here.shape != value.shape:
                continue
            apart = proof.differences(proof.Truth({layer: here}), proof.Truth({layer: value}))
            if apart:
                kind = type(self.model.get_submodule(layer)).__name__
                return f"They part at layer {layer} ({kind}). "
        return ""

    def _layers(self, sample: proof.Sample) -> dict[str, Array]:
        """Return what modules that run once give, in the order in which they end."""
        seen: dict[str, list[Array]] = {}
        handles = []

        def note(name: str) -> Any:
            def hook(_: nn.Module, __: Any, result: Any) -> None:
                if isinstance(result, torch.Tensor):
                    seen.setdefault(name, []).append(as_array(result.detach().clone(), name))

            return hook

        with self._running(self.model, own_dtype(self.model)):
            try:
                for name, module in self.model.named_modules():
                    if name:
                        handles.append(module.register_forward_hook(note(name)))
                self._forward(self.model, sample, own_dtype(self.model))
            except _NoLossError:
                return {}
            finally:
                for handle in handles:
                    handle.remove()
        return {name: values[0] for name, values in seen.items() if len(values) == 1}


class _NoLossError(Exception):
    """The losses cannot be computed; `outputs` are what the model gave, or None without any."""

    def __init__(self, outputs: dict[str, Array] | None) -> None:
        super().__init__()
        self.outputs = outputs


def _whole(value: torch.Tensor) -> torch.Tensor:
    return value if value.dtype == torch.bool else value.long()


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in _leaves(item)]
    return [] if value is None else [value]
