"""Sums, means, extremes and norms over axes."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import fx

from ...._errors import ExportError
from ..call import Call
from ..registry import Handler, aten, function


def _axes(call: Call, input: fx.Node, dim: Any) -> list[int]:
    """Return the axes in order; none given means all."""
    rank = call.rank(input)
    value = call.value(dim)
    if value is None or value == []:
        return list(range(rank))
    return sorted(axis % max(1, rank) for axis in ([value] if isinstance(value, int) else value))


def reduce(call: Call, op: str, tensor: str, axes: list[int], keepdim: Any, part: str = "") -> str:
    """Write a reduction; below a transpose, so that axis 0 may stay the sample."""
    source = call.lowering.transposes.get(tensor)
    if source is None or len(axes) == len(source[1]):
        held = call.integers(axes, "axes")
        return call.emit(op, tensor, held, part=part, keepdims=int(bool(keepdim)))
    below, order = source
    held = call.integers(sorted(order[axis] for axis in axes), "axes")
    if keepdim:
        kept = call.emit(op, below, held, part="reduced", keepdims=1)
        return call.transpose(kept, order, part)
    small = call.emit(op, below, held, part=part, keepdims=0)
    left = [axis for i, axis in enumerate(order) if i not in axes]
    return call.transpose(small, [sorted(left).index(axis) for axis in left], "transposed")


def _reduction(op: str, *names: str) -> Handler:
    def handle(
        call: Call, input: fx.Node, dim: Any = None, keepdim: bool = False, *, dtype: Any = None,
        **named: Any,
    ) -> str:  # fmt: skip
        axes = _axes(call, input, named.get("axis", dim))
        return reduce(call, op, call.tensor(input), axes, call.value(keepdim))

    return function(*names)(handle)


_sum = _reduction("ReduceSum", "sum")
_mean = _reduction("ReduceMean", "mean")
_reduction("ReduceMax", "amax")
_reduction("ReduceMin", "amin")
_reduction("ReduceProd", "prod")


def _extreme(op: str, pairwise: str, name: str) -> None:
    @function(name)
    def handle(call: Call, input: fx.Node, dim: Any = None, keepdim: bool = False) -> Any:
        if dim is None:
            axes = list(range(call.rank(input)))
            return reduce(call, op, call.tensor(input), axes, False)
        if call.is_tensor(dim):
            return call.emit(pairwise, call.tensor(input), call.tensor(dim))
        axes, keep = _axes(call, input, dim), call.value(keepdim)
        values = reduce(call, op, call.tensor(input), axes, keep)
        if len(axes) != 1:
            return values, None
        tensor = call.tensor(input)
        if op == "ReduceMin":
            tensor = call.emit("Neg", tensor, part="negated")
        places = call.emit("ArgMax", tensor, part="indices", axis=axes[0], keepdims=int(bool(keep)))
        return values, places


_extreme("ReduceMax", "Max", "max")
_extreme("ReduceMin", "Min", "min")


def _count(call: Call, input: fx.Node, axes: list[int]) -> int:
    lengths = [call.shape(input)[axis] for axis in axes]
    if None in lengths:
        raise ExportError("computes with the size of the batch")
    return math.prod(length for length in lengths if length is not None)


def _variance(root: bool) -> Handler:
    def handle(
        call: Call, input: fx.Node, dim: Any = None, unbiased: Any = True, keepdim: bool = False,
        *, correction: Any = 1,
    ) -> str:  # fmt: skip
        if isinstance(dim, bool):  # var(unbiased)
            dim, unbiased = None, dim
        axes = _axes(call, input, dim)
        correction = 0 if unbiased is False else 1 if correction is None else correction
        x = call.tensor(input)
        mean = reduce(call, "ReduceMean", x, axes, True, "mean")
        spread = call.emit("Sub", x, mean, part="spread")
        square = call.emit("Mul", spread, spread, part="square")
        keep = call.value(keepdim)
        if correction == 0:
            result = reduce(call, "ReduceMean", square, axes, keep, "variance" if root else "")
        else:
            total = reduce(call, "ReduceSum", square, axes, keep, "total")
            divisor = call.number(_count(call, input, axes) - call.value(correction))
            result = call.emit("Div", total, divisor, part="variance" if root else "")
        return call.emit("Sqrt", result) if root else result

    return handle


function("var")(_variance(root=False))
function("std")(_variance(root=True))


def norm(call: Call, tensor: str, p: float, axes: list[int], keepdim: Any, part: str = "") -> str:
    """Write the p-norm over axes."""
    if p in (1, 2):
        return reduce(call, f"ReduceL{int(p)}", tensor, axes, keepdim, part)
    size = call.emit("Abs", tensor, part="size")
    if math.isinf(p):
        return reduce(call, "ReduceMax" if p > 0 else "ReduceMin", size, axes, keepdim, part)
    power = call.emit("Pow", size, call.number(p), part="power")
    total = reduce(call, "ReduceSum", power, axes, keepdim, "total")
    return call.emit("Pow", total, call.number(1 / p), part=part)


@function("norm")
def _norm(
    call: Call, input: fx.Node, p: Any = "fro", dim: Any = None, keepdim: bool = False,
    dtype: Any = None, **named: Any,
) -> str:  # fmt: skip
    p = call.value(named.get("ord", p))
    if p == "nuc":
        raise ExportError("is a nuclear norm")
    order = 2.0 if p in (None, "fro") else float(p)
    return norm(call, call.tensor(input), order, _axes(call, input, dim), call.value(keepdim))


@function("logsumexp")
def _logsumexp(call: Call, input: fx.Node, dim: Any, keepdim: bool = False) -> str:
    axes, x = _axes(call, input, dim), call.tensor(input)
    top = reduce(call, "ReduceMax", x, axes, True, "max")
    power = call.emit("Exp", call.emit("Sub", x, top, part="below"), part="exp")
    total = call.emit("Log", reduce(call, "ReduceSum", power, axes, True, "sum"), part="log")
    if call.value(keepdim):
        return call.emit("Add", total, top)
    both = call.emit("Add", total, top, part="kept")
    return call.emit("Squeeze", both, call.integers(axes, "squeezed"))


@function("cumsum")
def _cumsum(call: Call, input: fx.Node, dim: int, *, dtype: Any = None) -> str:
    axis = call.integer(call.axis(input, dim), "axis")
    return call.emit("CumSum", call.tensor(input), axis)


@aten("linalg_vector_norm")
@function(also=(torch.linalg.vector_norm, torch.linalg.norm))
def _vector_norm(
    call: Call, input: fx.Node, ord: Any = None, dim: Any = None, keepdim: bool = False,
    dtype: Any = None,
) -> str:  # fmt: skip
    return _norm(call, input, 2 if ord is None else ord, dim, keepdim)
