"""Runs a few rows through the module itself and compares the replay of its export."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence

import torch

from ..._errors import DefibWarning, UnfaithfulExport
from .. import proof
from ..document import RunDocument
from ..samples import Sample, with_stand_in
from .runner import OTHER_SEED, Runner
from .twin import twin
from .unwrap import own_dtype

FRAMEWORK = "PyTorch"


class Prover:
    """One model with its export.

    Args:
        runner: The model, to be run by torch.
        document: The whole run.
        hints: What the tracing met that may be behind a difference.
    """

    def __init__(self, runner: Runner, document: RunDocument, hints: Sequence[str]) -> None:
        self.runner, self.model = runner, runner.model
        self.document, self.hints = document, hints

    def prove(self) -> None:
        """Compare on a small batch, and on others where the difference may be one of rounding.

        Raises:
            UnfaithfulExport: the replay computes something else.
        """
        worst = proof.worst(self.document, self._differing)
        if worst is not None:
            sample, difference = worst
            where = self._where(sample, difference)
            raise proof.refused(difference, FRAMEWORK, where, self.hints)

    def _differing(self, sample: Sample) -> proof.Found | None:
        kind = own_dtype(self.model)
        model = self.model if kind == torch.float32 else twin(self.model, torch.float32)
        if model is None:
            self._unproved("the model cannot be copied")
            return None
        sample, wanted = self.runner.truth(model, sample, torch.float32)
        if wanted is None:
            self._unproved("its forward or its loss fails on a few rows")
            return None
        held, exact = self._compared(sample, wanted)
        if held is None and not sample.stand_ins and not proof.proves_gradients(wanted, exact):
            # Zero, NaN or noise as a gradient proves nothing; other targets give another one.
            replaced = with_stand_in(sample, wanted.outputs)
            if replaced.stand_ins:
                replaced, wanted = self.runner.truth(model, replaced, torch.float32)
                if wanted is not None:
                    return self._compared(replaced, wanted)[0]
        return held

    def _compared(
        self, sample: Sample, wanted: proof.Truth
    ) -> tuple[proof.Found | None, proof.Truth | None]:
        """Return where the replay differs, and the answer in float64 where it was needed."""
        found = proof.replayed(sample)
        if found is None or not proof.differences(found, wanted):
            return None, None
        # Only now is float64 worth its time.
        exact = self._exact(sample, wanted)
        left = proof.differences(found, wanted, exact)
        if not left:
            return None, exact
        return (sample, proof.first(left)), exact

    def _exact(self, sample: Sample, wanted: proof.Truth) -> proof.Truth | None:
        """Run a copy in float64; None: there is none, or it is not the same model.

        A copy in float32 must repeat what the model said: hooks that know their module, types
        written into the model and random numbers would otherwise pass for rounding.
        """
        try:
            copied = twin(self.model, torch.float32)
            again = (
                None
                if copied is None
                else self.runner.run(copied, sample, torch.float32, OTHER_SEED)
            )
            if again is None or proof.differences(again, wanted):
                return None
            copied = twin(self.model, torch.float64)
            return None if copied is None else self.runner.run(copied, sample, torch.float64)
        except Exception:
            return None

    def _unproved(self, reason: str) -> None:
        """Warn that nothing is proved; refuse what is known to be suspect.

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
            f"the export could not be proved: {reason}. Its results are for the model as traced",
            DefibWarning,
            stacklevel=2,
        )

    def _where(self, sample: Sample, difference: proof.Difference) -> str:
        """Name the first layer whose output differs; empty where none does."""
        if difference.what != "output":
            return ""
        ends: dict[str, str] = {}
        for node in sample.document.nodes:
            if node["outputs"] and node["outputs"][0]:
                ends[node["layer"]] = node["outputs"][0]
        seen = self.runner.layers(sample)
        seen = {layer: value for layer, value in seen.items() if layer in ends}
        if not seen:
            return ""
        few = copy.copy(sample.document)
        few.losses = []
        few.outputs = list(dict.fromkeys(ends[layer] for layer in seen))
        found = proof.replayed(Sample(few, sample.rows))
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
