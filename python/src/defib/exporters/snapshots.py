"""Snapshots: the parameters at moments of the training, as states with the steps before them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .._errors import DefibWarning, ExportError
from .arrays import as_array
from .document import RunDocument

#: The most that a run may have; of more, so many are taken evenly.
LIMIT = 64


class PerEpoch(dict[int, Any]):
    """States by the epochs after which they were taken, where no steps were counted."""


def add_snapshots(
    document: RunDocument,
    snapshots: Any,
    named: Callable[[Any], Mapping[str, Any]],
    ignored: Sequence[str] = (),
) -> None:
    """Put snapshots into the run, once its data, parameters and settings are there.

    A state whose values are in the model's own memory holds the trained parameters, as a state
    dict that was not copied does: it is left out with a `DefibWarning`.

    Args:
        document: The run.
        snapshots: {step: state}, or states in their order; None: there are none.
        named: From a state to its arrays by the names of the parameters.
        ignored: Names in a state that are no parameters of the run.

    Raises:
        ExportError: the steps are unknown, or a state does not have the parameters of the run.
    """
    if snapshots is None:
        return
    shared = []
    for step, state in _by_step(document, snapshots):
        values = {name: as_array(v, f"snapshot {step}, {name}") for name, v in named(state).items()}
        known = {entry["name"]: entry for entry in document.parameters}
        strangers = [name for name in values if name not in known and name not in ignored]
        if strangers:
            raise ExportError(
                f"the snapshot of step {step} names {strangers}; the parameters are {list(known)}"
            )
        arrays = {}
        for name, entry in known.items():
            if name in values:
                arrays[name] = values[name]
            elif entry.get("trainable", True) and entry.get("registered", True):
                raise ExportError(f"the snapshot of step {step} lacks the parameter {name}")
        moved = [name for name in arrays if known[name].get("trainable", True)]
        if any(_is_same(arrays[name], document.array_of(name)) for name in moved):
            shared.append(step)
        else:
            document.add_snapshot(step, arrays)
    if shared:
        warnings.warn(
            f"snapshots: that of step {shared[0]}{' and others' if len(shared) > 1 else ''} shares "
            "its memory with the model, so it holds the trained values and is left out; take "
            "copies, as in copy.deepcopy(model.state_dict())",
            DefibWarning,
            stacklevel=4,
        )


def _is_same(array: Any, now: Any) -> bool:
    return bool(array.size) and array.ctypes.data == now.ctypes.data


def _by_step(document: RunDocument, snapshots: Any) -> list[tuple[int, Any]]:
    """Return states with the steps before them, in their order and at most `LIMIT`."""
    if isinstance(snapshots, Mapping):
        moments = _given(document, snapshots)
    elif isinstance(snapshots, (list, tuple)):
        moments = _spaced(document, snapshots)
    else:
        raise ExportError(
            f"snapshots is {type(snapshots).__name__}; expected a list of states in their order, "
            "or a dict {step: state}"
        )
    if len(moments) > LIMIT:
        moments = [moments[i * (len(moments) - 1) // (LIMIT - 1)] for i in range(LIMIT)]
    return moments


def _given(document: RunDocument, snapshots: Mapping[Any, Any]) -> list[tuple[int, Any]]:
    for step in snapshots:
        if isinstance(step, bool) or not isinstance(step, (int, np.integer)) or step < 0:
            raise ExportError(
                f"snapshots has the key {step!r}; expected the number of updates before each "
                "state, {step: state}, or a list of states"
            )
    per = 1
    if isinstance(snapshots, PerEpoch):
        found = _batches(document)
        if found is None:
            return []
        per = found
    return [(int(step) * per, snapshots[step]) for step in sorted(snapshots)]


def _spaced(document: RunDocument, snapshots: Sequence[Any]) -> list[tuple[int, Any]]:
    """Space states evenly, the last one at the end: as those at the end of every epoch are."""
    if not snapshots:
        return []
    steps = document.training.get("steps")
    if steps is None and document.training.get("epochs") is not None:
        batches = _batches(document)
        steps = None if batches is None else batches * document.training["epochs"]
    if steps is None:
        raise ExportError(
            "snapshots is a list, and nothing tells how many updates the training made; pass "
            "steps= (or epochs= and batch_size=), or a dict {step: state}"
        )
    if len(snapshots) > steps:
        raise ExportError(
            f"snapshots has {len(snapshots)} states of a training of {steps} updates; pass a dict "
            "{step: state}"
        )
    return [((i + 1) * steps // len(snapshots), state) for i, state in enumerate(snapshots)]


def _batches(document: RunDocument) -> int | None:
    """Return the updates of an epoch; None: they are unknown."""
    batch = document.training.get("batch_size")
    rows = max((len(document.arrays[path]) for path in document.data.values()), default=0)
    if batch is None or rows == 0:
        return None
    batches = -(-rows // int(batch))
    return -(-batches // int(document.training.get("accumulation", 1)))
