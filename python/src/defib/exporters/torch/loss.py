"""The losses of a PyTorch training: what is given for them, and what PyTorch implies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..._errors import ExportError
from ..._lazy import rows_behind
from ..document import RunDocument
from ..settings import Settings
from .entries import BCE_CLIP, Entry, is_gaussian, is_own, read
from .fitting import of_outputs_alike, turn_classes
from .own import trace_losses
from .runner import Runner

#: PyTorch's default of `ignore_index`.
IGNORED = -100


def prepared(
    settings: Settings, outputs: Mapping[str, str], runner: Runner, document: RunDocument,
    targets: Sequence[str],
) -> Settings:  # fmt: skip
    """Turn (loss, weight), (loss, output) and (loss, output, weight) into dicts."""
    loss = settings.loss
    if len(outputs) > 1 and len(targets) == 1:
        loss = of_outputs_alike(loss, outputs, runner, document)
    if isinstance(loss, tuple) and loss and not isinstance(loss[0], tuple) and _is_term(loss):
        loss = _term(loss)
    elif isinstance(loss, (list, tuple)):
        loss = [_term(item) for item in loss]
    elif isinstance(loss, Mapping) and "kind" not in loss:
        loss = {key: _term(item) for key, item in loss.items()}
    if is_own(loss):
        # One loss, maybe of several outputs: `complete` finds out how it is called.
        first = next(iter(outputs))
        loss = {"kind": "custom", "call": loss, "whole": True, "prediction": first}
    if is_gaussian(loss) and len(outputs) == 2:  # forward returns the mean and the variance
        loss = _term((loss, next(iter(outputs))))
    return replace(settings, loss=loss)


def _is_term(item: Any) -> bool:
    return isinstance(item, tuple) and len(item) > 1 and isinstance(item[1], (str, int, float))


def _term(item: Any) -> Any:
    if not _is_term(item):
        return item
    loss, *rest = item
    if isinstance(loss, str):
        entry: Entry = {"kind": loss}
    elif isinstance(loss, Mapping):
        entry = dict(loss)
    else:
        held = read(loss)
        if held is None:
            return loss  # the common code says what is wrong with it
        entry = held
    for part in rest:
        entry["prediction" if isinstance(part, str) else "weight"] = part
    return entry


def complete(document: RunDocument, runner: Runner, y: Any, targets: Sequence[str]) -> None:
    """Add what PyTorch's losses imply: a clip, the class that is left out, the variance's output.

    Losses that the script wrote itself are traced. `y` is what the user gave for the targets.

    Raises:
        ExportError: a Gaussian loss does not know its variance, or a loss cannot be traced.
    """
    if any("call" in entry for entry in document.losses):
        trace_losses(document, runner, y, targets)
    turn_classes(document, runner)
    for entry in document.losses:
        if entry["kind"] == "bce":
            entry.setdefault("clip", BCE_CLIP)
        if entry["kind"] in ("nll", "cross-entropy") and "ignore_index" not in entry:
            _ignore(document, entry)
        if entry["kind"] == "gaussian-nll":
            others = [name for name in document.outputs if name != entry["prediction"]]
            if "variance" not in entry and len(others) != 1:
                raise ExportError(
                    "loss gaussian-nll: which output is the variance? Pass it as in "
                    '{"kind": "gaussian-nll", "prediction": "mean", "variance": "var"}; the '
                    f"outputs are {document.outputs}"
                )
            entry.setdefault("variance", others[0] if others else "")


def _ignore(document: RunDocument, entry: Entry) -> None:
    """Leave out what PyTorch leaves out by default, where targets have it."""
    path = document.data.get(entry.get("target", ""))
    targets = document.arrays.get(path or "")
    if not isinstance(targets, np.ndarray) or rows_behind(targets) is not None:
        return
    if targets.dtype.kind == "i" and bool((targets == IGNORED).any()):
        entry["ignore_index"] = IGNORED
