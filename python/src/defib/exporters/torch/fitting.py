"""Known losses where outputs and targets fit in one way alone."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch

from ..._errors import DefibWarning
from ..document import RunDocument
from ..samples import ROWS, Sample, cut
from .criteria import criteria
from .custom import Own
from .entries import is_gaussian, is_own, read
from .known import turned
from .runner import NoLossError, Runner

_CLASSES = ("cross-entropy", "nll")


def _outputs(document: RunDocument, runner: Runner) -> dict[str, torch.Tensor]:
    """Return what the model gives for a few rows; nothing where it fails."""
    held = [document.arrays[path] for path in document.data.values()]
    rows = range(min(ROWS, len(held[0])))
    try:
        return runner.returned(Sample(cut(document, rows), rows))[1]
    except NoLossError:
        return {}


def of_outputs_alike(
    loss: Any, outputs: Mapping[str, str], runner: Runner, document: RunDocument
) -> Any:
    """Take one loss and one target for all outputs of the shape of the first: auxiliary heads."""
    single = loss is not None and not isinstance(loss, (list, tuple))
    if not single or is_own(loss) or is_gaussian(loss):
        return loss
    if isinstance(loss, Mapping) and ("kind" not in loss or "prediction" in loss):
        return loss
    found = _outputs(document, runner)
    shapes = [tuple(found[name].shape) if name in found else () for name in outputs.values()]
    alike = [key for key, shape in zip(outputs, shapes, strict=True) if shape == shapes[0] != ()]
    if not alike:
        return loss
    entry = {"kind": loss} if isinstance(loss, str) else loss
    entry = dict(entry) if isinstance(entry, Mapping) else read(entry)
    if entry is None:
        return loss
    warnings.warn(
        f"one loss and one target for {len(outputs)} outputs: it is taken of "
        f"{', '.join(alike)}, each with weight 1; pass a list with one loss, or None, for each "
        "output where the training has another sum",
        DefibWarning,
        stacklevel=6,
    )
    return [{**entry, "prediction": key} for key in alike]


def turn_classes(document: RunDocument, runner: Runner) -> None:
    """Bring scores of shape (samples, steps, classes) into PyTorch's order where targets say so.

    Labels of shape (samples, steps) fit no other way, so the script turns them before its loss.
    """
    for index, entry in enumerate(document.losses):
        target = document.data.get(str(entry.get("target", "")), "")
        labels = document.arrays.get(target)
        if entry["kind"] not in _CLASSES or labels is None or labels.ndim < 2:
            continue
        held = _outputs(document, runner).get(entry["prediction"])
        if held is None or held.ndim != labels.ndim + 1:
            continue
        shape, wanted = tuple(held.shape)[1:], labels.shape[1:]
        if shape[:-1] != wanted or shape[1:] == wanted:
            continue
        found = criteria(runner.loss, document.losses, document.own_losses)
        criterion = found[index] if found is not None else None
        name = entry["prediction"]
        entry["prediction"] = turned(document, name, ("classes last", held.ndim))
        if criterion is not None:
            own = Own(
                _Turned(criterion), (name,), (entry["target"],), name, entry["target"], False,
                float(entry.get("weight", 1.0)),
            )  # fmt: skip
            document.own_losses.append((own, (index,)))


class _Turned:
    def __init__(self, criterion: Any) -> None:
        self.criterion = criterion

    def __call__(self, scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.criterion(scores.movedim(-1, 1), labels)
        return result
