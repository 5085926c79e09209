"""Functions of numbers that are made of simpler ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import fx, nn

from ...._errors import ExportError
from ..call import Call
from ..registry import function, module
from .reductions import norm, reduce

#: The largest number of float32.
_MOST = float(np.finfo(np.float32).max)


@function("nan_to_num")
def _nan_to_num(
    call: Call, input: fx.Node, nan: Any = None, posinf: Any = None, neginf: Any = None
) -> str:
    x = call.tensor(input)
    values = [call.value(value) for value in (nan, posinf, neginf)]
    number, high, low = (
        call.number(float(default if value is None else value), part)
        for value, default, part in zip(
            values, (0.0, _MOST, -_MOST), ("number", "high", "low"), strict=True
        )
    )
    most, least = call.number(_MOST, "most"), call.number(-_MOST, "least")
    above = call.emit("Greater", x, most, part="above")
    below = call.emit("Less", x, least, part="below")
    bounded = call.emit("Where", above, high, x, part="bounded/above")
    bounded = call.emit("Where", below, low, bounded, part="bounded")
    return call.emit("Where", call.emit("IsNaN", x, part="is_nan"), number, bounded)


@function("logaddexp")
def _logaddexp(call: Call, input: fx.Node, other: fx.Node) -> str:
    first, second = call.tensor(input), call.tensor(other)
    gap = call.emit("Sub", first, second, part="gap")
    return call.emit("Add", second, call.emit("Softplus", gap, part="more"))


@function("hypot")
def _hypot(call: Call, input: fx.Node, other: fx.Node) -> str:
    squares = []
    for each, part in ((input, "left"), (other, "right")):
        tensor = call.tensor(each)
        squares.append(call.emit("Mul", tensor, tensor, part=part))
    return call.emit("Sqrt", call.emit("Add", *squares, part="sum"))


@function("tan")
def _tan(call: Call, input: fx.Node) -> str:
    x = call.tensor(input)
    return call.emit("Div", call.emit("Sin", x, part="sin"), call.emit("Cos", x, part="cos"))


def _hyperbolic(op: str, name: str) -> None:
    @function(name)
    def handle(call: Call, input: fx.Node) -> str:
        x = call.tensor(input)
        up = call.emit("Exp", x, part="up")
        down = call.emit("Exp", call.emit("Neg", x, part="negated"), part="down")
        both = call.emit(op, up, down, part="both")
        return call.emit("Mul", both, call.number(0.5, "half"))


_hyperbolic("Sub", "sinh")
_hyperbolic("Add", "cosh")


@function("asinh", "arcsinh")
def _asinh(call: Call, input: fx.Node) -> str:
    x = call.tensor(input)
    size, one = call.emit("Abs", x, part="size"), call.number(1.0, "one")
    square = call.emit("Mul", x, x, part="square")
    root = call.emit("Sqrt", call.emit("Add", square, one, part="more"), part="root")
    log = call.emit("Log", call.emit("Add", size, root, part="sum"), part="log")
    return call.emit("Mul", call.emit("Sign", x, part="sign"), log)


@function("atanh", "arctanh")
def _atanh(call: Call, input: fx.Node) -> str:
    x, one = call.tensor(input), call.number(1.0, "one")
    above, below = call.emit("Add", one, x, part="above"), call.emit("Sub", one, x, part="below")
    log = call.emit("Log", call.emit("Div", above, below, part="ratio"), part="log")
    return call.emit("Mul", log, call.number(0.5, "half"))


@function("trunc", "fix")
def _trunc(call: Call, input: fx.Node) -> str:
    x = call.tensor(input)
    size = call.emit("Floor", call.emit("Abs", x, part="size"), part="floor")
    return call.emit("Mul", call.emit("Sign", x, part="sign"), size)


@function("frac")
def _frac(call: Call, input: fx.Node) -> str:
    whole = _trunc(call, input)
    return call.emit("Sub", call.tensor(input), whole, part="rest")


@function("remainder")
def _remainder(call: Call, input: Any, other: Any) -> str:
    x, y = call.tensor(input), call.tensor(other)
    times = call.emit("Floor", call.emit("Div", x, y, part="quotient"), part="times")
    return call.emit("Sub", x, call.emit("Mul", times, y, part="whole"))


def _spread_and_mean(name: str) -> None:
    @function(name)
    def handle(
        call: Call, input: fx.Node, dim: Any = None, unbiased: Any = True, keepdim: bool = False,
        *, correction: Any = 1,
    ) -> Any:  # fmt: skip
        from ..registry import METHODS

        axes = dim if dim is not None and not isinstance(dim, bool) else None
        mean = METHODS["mean"](call, input, axes, keepdim)
        spread = METHODS[name.removesuffix("_mean")](
            call, input, dim, unbiased, keepdim, correction=correction
        )
        return spread, mean

    del handle


_spread_and_mean("std_mean")
_spread_and_mean("var_mean")


def _triangle(upper: int, name: str) -> None:
    @function(name)
    def handle(call: Call, input: fx.Node, diagonal: Any = 0) -> str:
        k = call.integer(int(call.value(diagonal)), "diagonal")
        return call.emit("Trilu", call.tensor(input), k, upper=upper)


_triangle(1, "triu")
_triangle(0, "tril")


@function("bilinear")
def bilinear(call: Call, input1: fx.Node, input2: fx.Node, weight: Any, bias: Any = None) -> str:
    """Write x1 · W · x2 for each output, by one product with all columns of W."""
    held = call.tensor(weight)
    outputs, left, right = call.lowering.array(held).shape
    turned = call.emit("Transpose", held, part="weight/turned", perm=[1, 0, 2])
    matrix = call.reshape(turned, [left, outputs * right], "weight/matrix")
    product = call.emit("MatMul", call.tensor(input1), matrix, part="product")
    lengths = [0 if n is None else n for n in call.shape(input1)[:-1]]
    if 0 in lengths[1:]:
        raise ExportError("has the size of the batch on another axis than the first")
    parts = call.reshape(product, [*lengths, outputs, right], "parts")
    rank = call.rank(input2)
    other = call.emit(
        "Unsqueeze", call.tensor(input2), call.integers([rank - 1], "axis"), part="other"
    )
    terms = call.emit("Mul", parts, other, part="terms")
    if bias is None:
        return reduce(call, "ReduceSum", terms, [rank], False)
    total = reduce(call, "ReduceSum", terms, [rank], False, "sum")
    return call.emit("Add", total, call.tensor(bias))


@module(nn.Bilinear)
def _bilinear_module(call: Call, owner: Any, input1: fx.Node, input2: fx.Node) -> str:
    return bilinear(call, input1, input2, call.param("weight"), call.param("bias"))


@function("cdist")
def _cdist(call: Call, x1: fx.Node, x2: fx.Node, p: float = 2.0, compute_mode: Any = None) -> str:
    rank = call.rank(x1)
    if call.rank(x2) != rank:
        raise ExportError("measures tensors of different numbers of axes; give both the same")
    rows = call.emit("Unsqueeze", call.tensor(x1), call.integers([rank - 1], "rows/axis"),
                     part="rows")  # fmt: skip
    columns = call.emit("Unsqueeze", call.tensor(x2), call.integers([rank - 2], "columns/axis"),
                        part="columns")  # fmt: skip
    gaps = call.emit("Sub", rows, columns, part="gaps")
    return norm(call, gaps, float(call.value(p)), [rank], False)
