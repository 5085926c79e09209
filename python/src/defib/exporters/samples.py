"""A few rows of a run, as runs of their own, for a proof of its export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np

from .._lazy import rows_behind
from .arrays import Array
from .document import RunDocument

#: Rows that go through both: enough for a batch norm, few enough to cost nothing.
ROWS = 8
#: Rows, and bytes, to search for those with the largest values and the most zeros.
LOOKED_AT = 512
_LOOKED_AT_BYTES = 1 << 24
#: Batches that must all differ where the difference is a small one.
BATCHES = 3
#: The loss that takes the place of one that cannot be computed by the framework.
_STAND_IN = "mse"


@dataclass
class Sample:
    """A few rows of a run, as a run of their own."""

    document: RunDocument
    rows: Sequence[int]
    #: target -> the array that takes its place where a loss was replaced
    stand_ins: dict[str, Array] = field(default_factory=dict)

    def data(self, name: str) -> Array:
        """Return the rows of an input or a target."""
        return self.document.arrays[self.document.data[name]]


def samples(document: RunDocument) -> Iterator[Sample]:
    """Cut batches of a few rows out of a run, spread over its data.

    Among them are rows where formulas part: those with the largest values, and with zeros. Rows
    that are not finite prove nothing, and are left out if there are others.
    """
    total = min((len(document.arrays[path]) for path in document.data.values()), default=0)
    telling, sound = _looked_at(document, total)
    count = min(ROWS, len(sound))
    for offset in range(min(BATCHES, max(1, len(sound) // max(1, count)))):
        spread = [sound[min(len(sound) - 1, i * len(sound) // count + offset)]
                  for i in range(count)]  # fmt: skip
        chosen = dict.fromkeys([*telling, *spread, *sound])
        rows = sorted(list(chosen)[:count])
        yield Sample(cut(document, rows), rows)
        made = offset + 1
    for further in range(made, BATCHES):  # of few rows, other batches are these, a little larger
        yield Sample(_larger(cut(document, rows), 1 + further / 128), rows)


def _larger(few: RunDocument, factor: float) -> RunDocument:
    """Scale the inputs of a run of few rows."""
    for name in few.inputs:
        path = few.data[name]
        if few.arrays[path].dtype.kind == "f":
            few.arrays[path] = few.arrays[path] * few.arrays[path].dtype.type(factor)
    return few


def _looked_at(document: RunDocument, total: int) -> tuple[list[int], Sequence[int]]:
    """Return the rows that tell most, and the rows to choose from."""
    held = [document.arrays[document.data[name]] for name in document.inputs]
    plain = [array for array in held if rows_behind(array) is None]
    size = sum(array.nbytes // max(1, len(array)) for array in plain)
    count = min(total, LOOKED_AT, max(ROWS, _LOOKED_AT_BYTES // max(1, size)))
    rows = np.array([i * total // count for i in range(count)], dtype=np.int64)
    finite = np.ones(count, dtype=bool)
    values = [rows_of(array, rows.tolist()) for array in plain if array.dtype.kind == "f"]
    values = [array.reshape(count, -1) for array in values if array.size]
    for array in values:
        finite &= np.isfinite(array).all(axis=1)
    if not finite.any() or finite.all():
        everything: Sequence[int] = range(total) if finite.all() else rows.tolist()
    else:
        everything = rows[finite].tolist()
    telling = []
    for array in values:
        if finite.any():
            largest = np.where(finite, np.abs(array).max(axis=1), -1)
            zeros = np.where(finite, (array == 0).sum(axis=1), -1)
            telling += [int(rows[int(np.argmax(largest))]), int(rows[int(np.argmax(zeros))])]
    return list(dict.fromkeys(telling))[: ROWS // 4], everything


def cut(document: RunDocument, rows: Sequence[int]) -> RunDocument:
    """Return some rows of a run as a run of their own, without what a replay does not need."""
    few = copy(document)
    few.arrays = dict(document.arrays)
    for path in document.data.values():
        few.arrays[path] = rows_of(document.arrays[path], rows)
    few.validation, few.history, few.snapshots = {}, {}, []
    few.parameters = [
        {key: value for key, value in entry.items() if key != "initial"}
        for entry in document.parameters
    ]
    few.losses = [dict(entry) for entry in document.losses]
    mode = document.training.get("mode", "train")
    few.training = {"mode": mode, "batch_size": len(rows)}
    if "regularization" in document.training:
        few.training["regularization"] = document.training["regularization"]
    used = {entry["file"] for entry in few.parameters} | set(few.data.values())
    few.arrays = {path: array for path, array in few.arrays.items() if path in used}
    return few


def rows_of(array: Array, rows: Sequence[int]) -> Array:
    """Copy some rows of an array."""
    behind = rows_behind(array)
    if behind is None:
        return np.ascontiguousarray(array[list(rows)])
    # An array of dask: only these rows are computed.
    return np.ascontiguousarray(behind.array[list(rows)].compute())


def with_stand_in(sample: Sample, outputs: Mapping[str, Array]) -> Sample:
    """Replace the losses by squared errors against fixed random targets, for gradients alone."""
    few = copy(sample.document)
    few.arrays, few.data, few.losses = dict(few.arrays), dict(few.data), []
    few.training = {k: v for k, v in few.training.items() if k != "regularization"}
    random = np.random.default_rng(0)
    targets: dict[str, Array] = {}
    for name, output in outputs.items():
        if output.dtype.kind != "f" or not np.isfinite(output).all() or not output.ndim:
            continue
        target = random.standard_normal(output.shape).astype(np.float32)
        target = target * max(float(np.abs(output).max(initial=0)), 1.0)
        held = few.add_data_with_own_name(f"{name}/target", target)
        targets[name] = target
        few.losses.append({"kind": _STAND_IN, "prediction": name, "target": held})
    return Sample(few, sample.rows, targets)
