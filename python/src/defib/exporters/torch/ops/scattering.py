"""Values that are added or put where indices say: sums over a table of index against place."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import fx

from ...._errors import ExportError
from ..call import Call
from ..registry import function
from .reductions import reduce


def _hits(call: Call, index: Any, axis: int, input: fx.Node) -> str:
    """Say of every index and every place of an axis whether they meet."""
    length = call.shape(input)[axis]
    if length is None:
        raise ExportError("adds to the samples of the batch")
    tail = [1] * (call.rank(input) - 1 - axis)
    places = np.arange(length, dtype=np.float32).reshape(length, *tail)
    wide = call.emit("Unsqueeze", call.tensor(index), call.integers([axis + 1], "index/axis"),
                     part="index")  # fmt: skip
    return call.emit("Equal", wide, call.constant(places, "places"), part="hits")


def _summed(call: Call, hits: str, source: Any, axis: int) -> str:
    """Add up the values that go to each place."""
    held = call.tensor(source)
    if call.is_tensor(source):
        held = call.emit("Unsqueeze", held, call.integers([axis + 1], "source/axis"), part="source")
    zero = call.number(0.0, "zero")
    chosen = call.emit("Where", hits, held, zero, part="chosen")
    return reduce(call, "ReduceSum", chosen, [axis], False, "sums")


def _check(call: Call, input: fx.Node, index: fx.Node, axis: int) -> None:
    for place, (mine, theirs) in enumerate(zip(call.shape(input), call.shape(index), strict=True)):
        if place != axis and mine != theirs:
            raise ExportError("has an index that leaves out a part of the other axes")


@function("scatter_add")
def _scatter_add(call: Call, input: fx.Node, dim: int, index: fx.Node, src: fx.Node) -> str:
    axis = call.axis(input, dim)
    _check(call, input, index, axis)
    sums = _summed(call, _hits(call, index, axis, input), src, axis)
    return call.emit("Add", call.tensor(input), sums)


@function("scatter")
def _scatter(call: Call, input: fx.Node, dim: int, index: fx.Node, src: Any = None, **named: Any
             ) -> str:  # fmt: skip
    if "reduce" in named:
        raise ExportError("reduces what meets in one place; use scatter_add")
    source = named.get("value", src)
    axis = call.axis(input, dim)
    _check(call, input, index, axis)
    hits = _hits(call, index, axis, input)
    number = call.emit("Cast", hits, part="hits/number", to=1)
    count = reduce(call, "ReduceSum", number, [axis], False, "count")
    is_hit = call.emit("Greater", count, call.number(0.0, "none"), part="is_hit")
    # PyTorch leaves open which value stays where several meet, so none of them is missed.
    put = call.tensor(source) if not call.is_tensor(source) else _summed(call, hits, source, axis)
    return call.emit("Where", is_hit, put, call.tensor(input))


@function("index_add")
def _index_add(
    call: Call, input: fx.Node, dim: int, index: fx.Node, source: fx.Node, *, alpha: Any = 1
) -> str:
    axis, rank = call.axis(input, dim), call.rank(input)
    length = call.shape(input)[axis]
    if length is None or None in call.shape(index):
        raise ExportError("adds to the samples of the batch")
    count = int(call.shape(index)[0] or 0)
    places = np.arange(length, dtype=np.float32).reshape(1, length)
    column = call.reshape(call.tensor(index), [count, 1], "column")
    hits = call.emit("Equal", column, call.constant(places, "places"), part="hits")
    wide = call.reshape(hits, [count, length, *[1] * (rank - 1 - axis)], "wide")
    sums = _summed(call, wide, source, axis)
    if call.value(alpha) != 1:
        sums = call.emit("Mul", sums, call.number(float(call.value(alpha)), "alpha"), part="scaled")
    return call.emit("Add", call.tensor(input), sums)
