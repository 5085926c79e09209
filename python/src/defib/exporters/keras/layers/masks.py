"""Masks: steps of a sequence that a layer passes over.

A recurrent layer that passes over steps does what it would do with the others alone. So these are
moved to the front, in their order, the layer runs as long as there are such steps, and every step
is given what stood there when it was passed. Both moves are products with tables of 0 and 1.
"""

from __future__ import annotations

import numpy as np

from ...._errors import ExportError
from ..call import Call
from ..value import Value

#: The element types of ONNX.
_FLOAT = 1
#: Tables have as many elements as steps squared, for every sample.
_LONGEST = 1024


class Kept:
    """The steps of each sample that a mask keeps.

    Raises:
        ExportError: the number of steps is not known, or too large.
    """

    def __init__(self, call: Call, mask: Value) -> None:
        steps = mask.shape[1] if mask.rank == 2 else None
        if steps is None or steps > _LONGEST:
            raise ExportError(
                "is called with a mask over steps of no fixed number; give Input its length"
                if steps is None
                else f"is called with a mask over {steps} steps; up to {_LONGEST} can be replayed"
            )
        self.call, self.mask = call, call.native(mask)
        axis = call.integers([1], "mask/axis")
        self._number = call.emit("Cast", self.mask, part="mask/number", to=_FLOAT)
        self._count = call.emit("CumSum", self._number, call.integer(1, "mask/steps"),
                                part="mask/count")  # fmt: skip
        self._before = call.emit("Sub", self._count, self._number, part="mask/before")
        #: how many steps of each sample there are
        self.lengths = call.emit("ReduceSum", self._number, axis, part="mask/lengths", keepdims=0)
        self._row = call.integers(range(steps), "mask/places")
        self._column = call.reshape(self._row, [steps, 1], "mask/column")

    def in_front(self, x: str) -> str:
        """Move the steps (samples, steps, units) that are kept to the front, with zeros behind."""
        call = self.call
        axis = call.integers([1], "front/axis")
        place = call.emit("Unsqueeze", self._before, axis, part="front/place")
        kept = call.emit("Unsqueeze", self.mask, axis, part="front/kept")
        hits = call.emit("Equal", place, self._column, part="front/same")
        hits = call.emit("And", hits, kept, part="front/hits")
        table = call.emit("Cast", hits, part="front/table", to=_FLOAT)
        return call.emit("MatMul", table, x, part="front")

    def back(self, sequence: str, *, reverse: bool) -> str:
        """Give every step what the layer said last before it, or, in reverse, after it."""
        call = self.call
        passed = self._before
        if not reverse:
            passed = call.emit("Sub", self._count, call.number(1.0, "back/one"), part="back/last")
        axis = call.integers([2], "back/axis")
        place = call.emit("Unsqueeze", passed, axis, part="back/place")
        hits = call.emit("Equal", place, self._row, part="back/hits")
        table = call.emit("Cast", hits, part="back/table", to=_FLOAT)
        return call.emit("MatMul", table, sequence, part="back")


def mean(call: Call, x: Value, mask: Value) -> str:
    """Write the mean of the steps (samples, steps, units) that a mask keeps."""
    number = call.emit("Cast", call.native(mask), part="mask/number", to=_FLOAT)
    wide = call.emit("Unsqueeze", number, call.integers([2], "mask/axis"), part="mask/wide")
    truth = call.emit("Unsqueeze", call.native(mask), call.integers([2], "mask/truth/axis"),
                      part="mask/truth")  # fmt: skip
    held = call.emit("Where", truth, call.native(x), call.number(0.0, "zero"), part="kept")
    steps = call.integers([1], "steps")
    total = call.emit("ReduceSum", held, steps, part="sum", keepdims=0)
    count = call.emit("ReduceSum", wide, steps, part="count", keepdims=0)
    return call.emit("Div", total, count)


def of_attention(call: Call, mask: Value | None, causal: tuple[int, int] | None) -> Value | None:
    """Return the mask of an attention, joined by those of its value and its key.

    `causal` has the numbers of queries and keys where no query may see a later key.
    """
    held = [mask] if mask is not None else []
    for name in ("value_mask", "key_mask"):
        given = call.kwargs.get(name)
        if given is not None:
            axes = call.integers([1], f"{name}/axis")
            wide = call.emit("Unsqueeze", call.native(call.operand(given, name)), axes, part=name)
            held.append(Value((None, None, None), "bool", native=wide))
    if causal is not None:
        held.append(call.operand(np.tril(np.ones((1, *causal), np.float32)), "causal"))
    if not held:
        return None
    joined = held[0]
    for number, each in enumerate(held[1:]):
        both = call.emit("And", _truth(call, joined), _truth(call, each), part=f"masks/{number}")
        joined = Value((None,) * max(joined.rank, each.rank), "bool", native=both)
    return joined


class Queries:
    """The queries that a mask keeps; the others look at all keys alike, and learn nothing."""

    def __init__(self, call: Call, mask: Value) -> None:
        self.call = call
        self._mask = call.native(mask)

    def kept(self, query: str) -> str:
        """Replace what is projected from the others (samples, queries, units) by zeros."""
        call, axis = self.call, self.call.integers([2], "query_mask/axis")
        wide = call.emit("Unsqueeze", self._mask, axis, part="query_mask")
        zero = call.number(0.0, "query_mask/zero")
        return call.emit("Where", wide, query, zero, part="query/kept")

    def only(self, added: str) -> str:
        """Take what is added to the scores (samples, heads, queries, keys) away from the others."""
        call = self.call
        number = call.emit("Cast", self._mask, part="query_mask/number", to=_FLOAT)
        axes = call.integers([1, 3], "query_mask/axes")
        wide = call.emit("Unsqueeze", number, axes, part="query_mask/wide")
        return call.emit("Mul", added, wide, part="query_mask/only")


def _truth(call: Call, mask: Value) -> str:
    tensor = call.native(mask)
    return tensor if mask.dtype == "bool" else call.emit("Cast", tensor, part="mask/truth", to=9)
