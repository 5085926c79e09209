"""Sorting and what follows from it: the place of each value among the others, as a table.

A value belongs where as many others come before it: a table of truth values says so for every
pair of value and place, and the sum along it is exact, for every place has one value.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import fx

from ...._errors import ExportError
from ..call import Call
from ..registry import function
from .reductions import reduce

#: Lengths of an axis beyond this make tables that are too large.
_LONGEST = 1024


class Sorted:
    """An axis of a tensor in order, descending or ascending; equal values keep theirs."""

    def __init__(self, call: Call, input: fx.Node, dim: Any, descending: bool) -> None:
        self.call, self.tensor = call, call.tensor(input)
        self.axis, self.rank = call.axis(input, dim), call.rank(input)
        length = call.shape(input)[self.axis]
        if length is None:
            raise ExportError("sorts the samples of the batch")
        if length > _LONGEST:
            raise ExportError(f"sorts {length} values; up to {_LONGEST} can be replayed")
        self.length = length
        self._column = self._wide(self.tensor, self.axis + 1, "column")
        row = self._wide(self.tensor, self.axis, "row")
        order = "Greater" if descending else "Less"
        before = self._number(call.emit(order, row, self._column, part="before"), "before/number")
        same = call.emit("Equal", row, self._column, part="same")
        sooner = np.tril(np.ones((length, length), np.float32), -1)
        ties = call.emit(
            "Mul", self._number(same, "same/number"), self._table(sooner, "sooner"), part="ties"
        )
        count = call.emit("Add", before, ties, part="count")
        places = reduce(call, "ReduceSum", count, [self.axis + 1], True, "place")
        wanted = np.arange(length, dtype=np.float32).reshape(1, length)
        self.hits = call.emit("Equal", places, self._table(wanted, "wanted"), part="hits")

    def _wide(self, tensor: str, axis: int, part: str) -> str:
        return self.call.emit("Unsqueeze", tensor, self.call.integers([axis], f"{part}/axis"),
                              part=part)  # fmt: skip

    def _number(self, truth: str, part: str) -> str:
        return self.call.emit("Cast", truth, part=part, to=1)

    def _table(self, array: Any, part: str) -> str:
        """Add a table over two axes, in the place of the axis that is sorted."""
        tail = [1] * (self.rank - 1 - self.axis)
        return self.call.constant(np.ascontiguousarray(array).reshape(*array.shape, *tail), part)

    def _picked(self, held: str, part: str) -> str:
        call = self.call
        zero = call.number(0.0, f"{part}/zero")
        chosen = call.emit("Where", self.hits, held, zero, part=f"{part}/chosen")
        return reduce(call, "ReduceSum", chosen, [self.axis], False, f"{part}/all")

    def values(self, first: int, count: int, part: str = "") -> str:
        """Return the values at some places."""
        return self._part(self._picked(self._column, "values"), first, count, part)

    def indices(self, first: int, count: int) -> str:
        """Return where the values at some places stood; no gradient goes through."""
        column = np.arange(self.length, dtype=np.float32).reshape(self.length, 1)
        held = self._picked(self._table(column, "numbers"), "indices")
        stopped = self.call.emit("StopGradient", held, part="indices/stopped")
        return self._part(stopped, first, count, "indices")

    def _part(self, tensor: str, first: int, count: int, part: str) -> str:
        call = self.call
        if (first, count) == (0, self.length):
            return call.emit("Identity", tensor, part=part)
        held = [
            call.integers([value], f"{part}/{name}")
            for value, name in ((first, "start"), (first + count, "end"), (self.axis, "axis"))
        ]
        return call.emit("Slice", tensor, *held, part=part)


@function("sort")
def _sort(
    call: Call, input: fx.Node, dim: int = -1, descending: bool = False, stable: bool = False
) -> Any:
    held = Sorted(call, input, dim, bool(call.value(descending)))
    return held.values(0, held.length), held.indices(0, held.length)


@function("argsort")
def _argsort(
    call: Call, input: fx.Node, dim: int = -1, descending: bool = False, stable: bool = False
) -> str:
    held = Sorted(call, input, dim, bool(call.value(descending)))
    return held.indices(0, held.length)


@function("topk")
def _topk(
    call: Call, input: fx.Node, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> Any:
    held, count = Sorted(call, input, dim, bool(call.value(largest))), int(call.value(k))
    return held.values(0, count), held.indices(0, count)


@function("kthvalue")
def _kthvalue(call: Call, input: fx.Node, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    return _at(call, input, dim, int(call.value(k)) - 1, keepdim)


@function("median")
def _median(call: Call, input: fx.Node, dim: Any = None, keepdim: bool = False) -> Any:
    if dim is None:
        raise ExportError("takes the median of all samples; give it an axis")
    length = call.shape(input)[call.axis(input, dim)] or 1
    return _at(call, input, dim, (length - 1) // 2, keepdim)


def _at(call: Call, input: fx.Node, dim: Any, place: int, keepdim: bool) -> Any:
    held = Sorted(call, input, dim, False)
    kept = held.values(place, 1, "kept")
    if call.value(keepdim):
        return call.emit("Identity", kept), None
    return call.emit("Squeeze", kept, call.integers([held.axis], "gone")), None


def _extreme_place(largest: bool, name: str) -> None:
    @function(name)
    def handle(call: Call, input: fx.Node, dim: Any = None, keepdim: bool = False) -> str:
        if dim is None:
            raise ExportError("counts through all samples; give it an axis")
        tensor = call.tensor(input)
        if not largest:
            tensor = call.emit("Neg", tensor, part="negated")
        keep = int(bool(call.value(keepdim)))
        return call.emit("ArgMax", tensor, axis=call.axis(input, dim), keepdims=keep)


_extreme_place(True, "argmax")
_extreme_place(False, "argmin")
