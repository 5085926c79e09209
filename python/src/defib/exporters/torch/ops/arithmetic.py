"""Arithmetic, element by element."""

from __future__ import annotations

import math
import operator
from typing import Any

from torch import fx

from ...._errors import ExportError
from ..call import Call
from ..registry import Handler, function
from .fourier import Complex, magnitude


def _unary(op: str, *names: str, also: tuple[Any, ...] = ()) -> None:
    @function(*names, also=also)
    def handle(call: Call, input: fx.Node) -> str:
        return call.emit(op, call.tensor(input))


_unary("Neg", "neg", "negative", also=(operator.neg,))


@function("abs", "absolute", also=(operator.abs, abs))
def _abs(call: Call, input: Any) -> str:
    held = call.lowering.names.get(input) if isinstance(input, fx.Node) else None
    if isinstance(held, Complex):
        return magnitude(call, held)
    return call.emit("Abs", call.tensor(input))


_unary("Exp", "exp")
_unary("Log", "log")
_unary("Sqrt", "sqrt")
_unary("Reciprocal", "reciprocal")
_unary("Erf", "erf")
_unary("Sin", "sin")
_unary("Cos", "cos")
_unary("Sign", "sign", "sgn")
_unary("Floor", "floor")


def _binary(op: str, *names: str, also: tuple[Any, ...] = ()) -> Handler:
    def handle(call: Call, input: Any, other: Any, *, alpha: Any = 1) -> str:
        left, right = call.tensor(input), call.tensor(other)
        if alpha != 1:
            right = call.emit("Mul", right, call.tensor(alpha), part="scaled")
        return call.emit(op, left, right)

    return function(*names, also=also)(handle)


_add = _binary("Add", "add", also=(operator.add, operator.iadd))
_sub = _binary("Sub", "sub", "subtract", also=(operator.sub, operator.isub))
_mul = _binary("Mul", "mul", "multiply", also=(operator.mul, operator.imul))
_binary("Max", "maximum")
_binary("Min", "minimum")


@function("rsub", "__rsub__")
def _rsub(call: Call, input: Any, other: Any, alpha: Any = 1) -> str:
    left = call.tensor(input)
    if alpha != 1:
        left = call.emit("Mul", left, call.tensor(alpha), part="scaled")
    return call.emit("Sub", call.tensor(other), left)


@function("div", "divide", "true_divide", also=(operator.truediv, operator.itruediv))
def _divide(call: Call, input: Any, other: Any, *, rounding_mode: str | None = None) -> str:
    if rounding_mode == "trunc":
        raise ExportError("rounds towards zero; only rounding_mode='floor' can be replayed")
    part = "quotient" if rounding_mode else ""
    quotient = call.emit("Div", call.tensor(input), call.tensor(other), part=part)
    return call.emit("Floor", quotient) if rounding_mode else quotient


@function("floor_divide", also=(operator.floordiv,))
def _floor_divide(call: Call, input: Any, other: Any) -> str:
    return _divide(call, input, other, rounding_mode="floor")


@function("pow", also=(operator.pow, operator.ipow))
def _pow(call: Call, input: Any, exponent: Any) -> str:
    return call.emit("Pow", call.tensor(input), call.tensor(exponent))


@function("square")
def _square(call: Call, input: fx.Node) -> str:
    x = call.tensor(input)
    return call.emit("Mul", x, x)


@function("rsqrt")
def _rsqrt(call: Call, input: fx.Node) -> str:
    return call.emit("Reciprocal", call.emit("Sqrt", call.tensor(input), part="root"))


@function("round")
def _round(call: Call, input: fx.Node, decimals: Any = 0) -> str:
    digits = int(call.value(decimals))
    if not digits:
        return call.emit("Round", call.tensor(input))
    power = call.number(10.0**digits, "power")
    scaled = call.emit("Mul", call.tensor(input), power, part="scaled")
    return call.emit("Div", call.emit("Round", scaled, part="rounded"), power)


@function("ceil")
def _ceil(call: Call, input: fx.Node) -> str:
    negated = call.emit("Neg", call.tensor(input), part="negated")
    return call.emit("Neg", call.emit("Floor", negated, part="floor"))


@function("log1p")
def _log1p(call: Call, input: fx.Node) -> str:
    return call.emit("Log", call.emit("Add", call.tensor(input), call.number(1), part="one_more"))


@function("expm1")
def _expm1(call: Call, input: fx.Node) -> str:
    return call.emit("Sub", call.emit("Exp", call.tensor(input), part="exp"), call.number(1))


@function("exp2")
def _exp2(call: Call, input: fx.Node) -> str:
    return call.emit("Pow", call.number(2), call.tensor(input))


def _logarithm(base: float, name: str) -> None:
    @function(name)
    def handle(call: Call, input: fx.Node) -> str:
        log = call.emit("Log", call.tensor(input), part="log")
        return call.emit("Mul", log, call.number(1 / math.log(base)))


_logarithm(2, "log2")
_logarithm(10, "log10")


@function("clamp", "clip")
def _clamp(call: Call, input: fx.Node, min: Any = None, max: Any = None) -> str:
    x = call.tensor(input)
    if call.is_tensor(min) or call.is_tensor(max):
        if min is not None:
            x = call.emit("Max", x, call.tensor(min), part="" if max is None else "above")
        return x if max is None else call.emit("Min", x, call.tensor(max))
    held = ["" if bound is None else call.tensor(bound) for bound in (min, max)]
    return call.emit("Clip", x, *(held if held[1] else held[:1]))


function("clamp_min")(lambda call, input, min: _clamp(call, input, min))
function("clamp_max")(lambda call, input, max: _clamp(call, input, None, max))


@function("addcmul")
def _addcmul(call: Call, input: fx.Node, tensor1: Any, tensor2: Any, *, value: Any = 1) -> str:
    product = call.emit("Mul", call.tensor(tensor1), call.tensor(tensor2), part="product")
    if value != 1:
        product = call.emit("Mul", product, call.tensor(value), part="scaled")
    return call.emit("Add", call.tensor(input), product)


@function("lerp")
def _lerp(call: Call, input: fx.Node, end: Any, weight: Any) -> str:
    start = call.tensor(input)
    way = call.emit("Sub", call.tensor(end), start, part="way")
    step = call.emit("Mul", way, call.tensor(weight), part="step")
    return call.emit("Add", start, step)


@function("contiguous", "clone", "alias", "lift_fresh_copy")
def _same(call: Call, input: fx.Node, *_: Any, **__: Any) -> str:
    return call.tensor(input)


@function("detach")
def _detach(call: Call, input: fx.Node) -> str:
    return call.emit("StopGradient", call.tensor(input))
