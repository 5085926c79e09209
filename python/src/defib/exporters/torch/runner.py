"""Runs a few rows through the module itself, by torch alone."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from ..._errors import UnfaithfulExport
from .. import proof
from ..arrays import Array, as_array
from ..samples import Sample, with_stand_in
from .criteria import criteria, total
from .inputs import fixed
from .noise import Repeated
from .structure import leaves
from .undisturbed import Draws, undisturbed, without_dropout
from .unlisted import parameters
from .unwrap import own_dtype

_SEED, OTHER_SEED = 0x0DEF1B, 0x1DEF1B


class NoLossError(Exception):
    """The losses cannot be computed; `outputs` are what the model gave, or None without any."""

    def __init__(self, outputs: dict[str, Array] | None) -> None:
        super().__init__()
        self.outputs = outputs


class Runner:
    """One model, to be run on samples of its run.

    Args:
        model: The module, in the mode that was traced.
        names: The arguments of `forward` that the data feeds, in the order of the run's inputs.
        outputs: Names of the run's outputs, in the order in which `forward` returns them.
        parameters: id of a parameter -> its name in the run.
        loss: What the user gave as the loss.
    """

    def __init__(
        self, model: nn.Module, names: Sequence[str], outputs: Sequence[str],
        parameters: Mapping[int, str], loss: Any,
    ) -> None:  # fmt: skip
        self.model, self.names, self.outputs = model, names, list(outputs)
        self.parameters, self.loss = parameters, loss
        self._held: Any = None

    def truth(
        self, model: nn.Module, sample: Sample, kind: torch.dtype
    ) -> tuple[Sample, proof.Truth | None]:
        """Run a sample with the user's losses, or with stand-ins where these cannot be computed."""
        try:
            return sample, self.run(model, sample, kind)
        except NoLossError as error:
            if error.outputs is None:
                return sample, None
            replaced = with_stand_in(sample, error.outputs)
            try:
                return replaced, self.run(model, replaced, kind)
            except NoLossError:
                return sample, None

    def run(
        self, model: nn.Module, sample: Sample, kind: torch.dtype, seed: int = _SEED
    ) -> proof.Truth:
        """Run a sample forwards and backwards.

        Raises:
            NoLossError: the losses cannot be computed.
            UnfaithfulExport: the model draws random numbers, or changes what is trained.
        """
        with self._running(model, kind, seed):
            flags = [parameter.requires_grad for parameter in model.parameters()]
            draws = Draws()
            outputs = self._forward(model, sample, kind)
            self._check_draws(draws)
            self._check_flags(model, flags)
            arrays = {name: as_array(t, name) for name, t in outputs.items()}
            entries = sample.document.losses
            own = [] if sample.stand_ins else sample.document.own_losses
            chosen = criteria(None if sample.stand_ins else self.loss, entries, own)
            if chosen is None or not entries:
                raise NoLossError(arrays)
            targets = {
                name: sample.document.arrays[path]
                for name, path in sample.document.data.items()
                if name not in sample.document.inputs
            }
            try:
                loss = total(chosen, entries, outputs, targets, own)
            except Exception as error:
                raise NoLossError(arrays) from error
            gradients = self._gradients(model, loss)
            value = None if sample.stand_ins else float(loss.detach())
            return proof.Truth(arrays, value, gradients)

    def returned(self, sample: Sample) -> tuple[Any, dict[str, torch.Tensor]]:
        """Return what the model gives for a sample, as it is and by the names of the outputs.

        Raises:
            NoLossError: its forward fails.
        """
        with self._running(self.model, own_dtype(self.model)), torch.no_grad():
            outputs = self._forward(self.model, sample, own_dtype(self.model))
            return self._held, outputs

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
            # Not the numbers of the tracing: those are constants of the run.
            torch.default_generator.manual_seed(seed)
            np.random.seed(seed)
            random.seed(seed)
            try:
                with without_dropout(model):
                    yield
            finally:
                torch.set_default_dtype(default)

    def _forward(
        self, model: nn.Module, sample: Sample, kind: torch.dtype
    ) -> dict[str, torch.Tensor]:
        device = next((p.device for p in model.parameters()), torch.device("cpu"))
        fed = {}
        noise = sample.document.noise
        own = [name for name in sample.document.inputs if name not in noise]
        for name, tensor in zip(self.names, own, strict=True):
            array = sample.data(tensor)
            value = torch.as_tensor(array.copy(), device=device)
            fed[name] = value.to(kind) if array.dtype.kind == "f" else _whole(value)
        drawn = [sample.data(name) if callable(draw) else draw for name, draw in noise.items()]
        try:
            with Repeated(drawn):
                held = model(**fed, **self._fixed(fed))
        except Exception:
            # A script may turn whole numbers into floats before a layer that needs those.
            try:
                floats = {name: value.to(kind) for name, value in fed.items()}
                with Repeated(drawn):
                    held = model(**floats, **self._fixed(fed))
            except Exception as error:
                raise NoLossError(None) from error
        self._held = held
        tensors = [leaf for leaf in leaves(held) if isinstance(leaf, torch.Tensor)]
        return dict(zip(self.outputs, tensors, strict=False))

    def _fixed(self, fed: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in fixed(self.model).items() if name not in fed}

    def _gradients(self, model: nn.Module, loss: torch.Tensor) -> dict[str, Array]:
        own = dict(zip(parameters(model), parameters(self.model), strict=True))
        wanted = [p for p in own if p.requires_grad and id(own[p]) in self.parameters]
        if not wanted:
            return {}
        found: Sequence[torch.Tensor | None] = [None] * len(wanted)
        if loss.requires_grad:
            try:
                found = torch.autograd.grad(loss, wanted, allow_unused=True)
            except RuntimeError as error:
                raise NoLossError(None) from error
        return {
            self.parameters[id(own[p])]: np.zeros(tuple(p.shape), np.float32)
            if g is None
            else as_array(g.to_dense() if g.is_sparse else g, "a gradient")
            for p, g in zip(wanted, found, strict=True)
        }

    def layers(self, sample: Sample) -> dict[str, Array]:
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
            except NoLossError:
                return {}
            finally:
                for handle in handles:
                    handle.remove()
        return {name: values[0] for name, values in seen.items() if len(values) == 1}


def _whole(value: torch.Tensor) -> torch.Tensor:
    return value if value.dtype == torch.bool else value.long()
