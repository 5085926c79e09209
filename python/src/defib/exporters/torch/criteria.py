"""PyTorch's own loss for an entry of run.json, to prove that the replay has the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from ..arrays import Array

#: A loss of (prediction, target), or of (prediction, target, variance).
Criterion = Callable[..., torch.Tensor]

_CLASSES = frozenset({"cross-entropy", "nll"})

#: Entry of run.json -> the keyword arguments of the criterion, by kind.
_BUILDERS: dict[str, Callable[[Mapping[str, Any]], nn.Module]] = {
    "mse": lambda e: nn.MSELoss(reduction=e["reduction"]),
    "l1": lambda e: nn.L1Loss(reduction=e["reduction"]),
    "smooth-l1": lambda e: nn.SmoothL1Loss(e["reduction"], beta=e.get("beta", 1.0)),
    "huber": lambda e: nn.HuberLoss(e["reduction"], delta=e.get("delta", 1.0)),
    "bce": lambda e: nn.BCELoss(reduction=e["reduction"]),
    "bce-with-logits": lambda e: nn.BCEWithLogitsLoss(reduction=e["reduction"]),
    "cross-entropy": lambda e: nn.CrossEntropyLoss(
        ignore_index=e.get("ignore_index", -100), reduction=e["reduction"],
        label_smoothing=e.get("label_smoothing", 0.0),
    ),
    "nll": lambda e: nn.NLLLoss(
        ignore_index=e.get("ignore_index", -100), reduction=e["reduction"]
    ),
}  # fmt: skip


#: A loss that the script wrote, and the entries that it became.
Owned = Sequence[tuple[Any, tuple[int, ...]]]


def criteria(
    loss: Any, entries: Sequence[Mapping[str, Any]], own: Owned = ()
) -> list[Criterion | None] | None:
    """Return the criterion of every loss: the user's own where there is one.

    Entries that are made of a loss of the script's own have none. None for all: some loss is known
    by its settings alone, and PyTorch has no criterion for them.
    """
    written = {index for _, indices in own for index in indices}
    given = list(loss) if isinstance(loss, (list, tuple)) else [loss] * len(entries)
    given = [item[0] if isinstance(item, tuple) and item else item for item in given]
    given = [item for item in given if item is not None]
    result: list[Criterion | None] = []
    for i, entry in enumerate(entries):
        if i in written:
            result.append(None)
            continue
        one = given[i] if len(given) == len(entries) else None
        if callable(one):
            result.append(one)
            continue
        plain = {"reduction": "mean"} | dict(entry)
        extra = {"sample_weight", "class_weight", "pos_weight"}.intersection(entry)
        smoothed = entry["kind"] in ("bce", "bce-with-logits") and "label_smoothing" in entry
        clipped = entry["kind"] == "bce" and entry.get("clip") != -100.0
        known = plain["reduction"] in ("mean", "sum") and entry["kind"] in _BUILDERS
        if not known or extra or smoothed or clipped:
            return None
        result.append(_BUILDERS[entry["kind"]](plain))
    return result


def target_tensor(entry: Mapping[str, Any], array: Array, prediction: torch.Tensor) -> torch.Tensor:
    """Return targets as a training loop would hand them over: indices whole, values as floats."""
    target = torch.as_tensor(array).to(prediction.device)
    if entry["kind"] in _CLASSES and target.ndim < prediction.ndim:
        return target.long()
    return target.to(prediction.dtype)


def total(
    criteria: Sequence[Criterion | None],
    entries: Sequence[Mapping[str, Any]],
    outputs: Mapping[str, torch.Tensor],
    targets: Mapping[str, Array],
    own: Owned = (),
) -> torch.Tensor:
    """Return the weighted sum of all losses, a scalar.

    Raises:
        Exception: whatever the criterion says of shapes and types that do not fit.
    """
    result: Any = 0.0
    for loss, _ in own:
        result = result + loss.of(outputs, targets)
    for criterion, entry in zip(criteria, entries, strict=True):
        if criterion is None:
            continue
        prediction = outputs[entry["prediction"]]
        target = target_tensor(entry, targets[entry["target"]], prediction)
        extra = [outputs[entry["variance"]]] if entry.get("variance") else []
        result = result + float(entry.get("weight", 1.0)) * criterion(prediction, target, *extra)
    if not isinstance(result, torch.Tensor) or result.ndim:
        raise ValueError("the losses do not give a single number")
    return result
