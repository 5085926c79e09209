"""Finds out how a script calls the losses that it wrote, and puts them into the run."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from ..._errors import ExportError
from ..arrays import Array
from ..document import RunDocument
from ..samples import ROWS, Sample, cut
from ..settings import add_loss_arrays
from .custom import Entry, Own, entries, fitting
from .runner import NoLossError, Runner

#: Ways of calling a loss: outputs, targets, and the names of their leaves.
Ways = list[tuple[Any, Any, Sequence[str], Sequence[str]]]


def trace_losses(document: RunDocument, runner: Runner, y: Any, targets: Sequence[str]) -> None:
    """Replace the entries of losses that the script wrote by their graphs, or by known kinds.

    Raises:
        ExportError: the model fails on a few rows, or a loss cannot be called or traced.
    """
    rows = range(min(ROWS, len(next(iter(document.arrays[p] for p in document.data.values())))))
    sample = Sample(cut(document, rows), rows)
    try:
        held, outputs = runner.returned(sample)
    except NoLossError as error:
        raise ExportError(
            "the loss cannot be traced, because the model fails on the first rows of x: "
            f"{error.__cause__ or 'no output'}"
        ) from error
    wanted = {name: sample.data(name) for name in targets}
    tracer = _Tracer(document, held, outputs, wanted, y)
    result: list[Entry] = []
    for entry in document.losses:
        if "call" not in entry:
            result.append(entry)
            continue
        for own in tracer.owned(entry):
            made = tracer.entries(own, entry)
            places = range(len(result), len(result) + len(made))
            document.own_losses.append((own, tuple(places)))
            result += made
    document.losses = result


class _Tracer:
    def __init__(
        self, document: RunDocument, held: Any, outputs: Mapping[str, torch.Tensor],
        targets: Mapping[str, Array], y: Any,
    ) -> None:  # fmt: skip
        self.document, self.held, self.outputs = document, held, outputs
        self.targets, self.y = targets, y

    def owned(self, entry: Entry) -> list[Own]:
        """Return the loss with the way in which the script calls it; one for each output, maybe."""
        call, weight = entry["call"], float(entry.get("weight", 1.0))
        prediction, target = entry["prediction"], entry["target"]
        if not entry.get("whole"):
            return [replace(self._fitting(call, [_one(prediction, target)]), weight=weight)]
        try:
            found = [self._fitting(call, self._whole(prediction))]
        except ExportError:
            if len(self.targets) < 2 or len(self.targets) != len(self.outputs):
                raise
            pairs = zip(self.outputs, self.targets, strict=True)
            found = [self._fitting(call, [_one(a, b)]) for a, b in pairs]
        return [replace(own, weight=weight) for own in found]

    def _fitting(self, call: Any, ways: Ways) -> Own:
        with warnings.catch_warnings(), torch.enable_grad():
            warnings.simplefilter("ignore")
            return fitting(call, ways, self.outputs, self.targets)

    def _whole(self, prediction: str) -> Ways:
        """Return the ways of calling one loss for all outputs: a tensor, or what forward gives."""
        names, wanted = list(self.outputs), list(self.targets)
        y: Any = wanted[0] if len(wanted) == 1 else wanted
        if isinstance(self.y, Mapping):
            y = dict(zip(self.y, wanted, strict=True))
        elif isinstance(self.y, tuple) and len(wanted) > 1:
            y = tuple(wanted)
        ways: Ways = []
        if len(names) == 1:
            ways.append((prediction, y, names, wanted))
        if not isinstance(self.held, torch.Tensor):
            ways.append((self.held, y, names, wanted))
        if len(names) > 1:
            ways.append((prediction, y, [prediction], wanted))
        return ways

    def entries(self, own: Own, entry: Entry) -> list[Entry]:
        """Return what run.json says of a loss, with the settings that the user gave beside it."""
        made = entries(own, self.document, self.outputs, self.targets)
        kept = {key: entry[key] for key in ("sample_weight",) if key in entry}
        for each in made:
            each.update(kept)
            add_loss_arrays(self.document, each)
        return made


def _one(prediction: str, target: str) -> tuple[Any, Any, Sequence[str], Sequence[str]]:
    return prediction, target, [prediction], [target]
