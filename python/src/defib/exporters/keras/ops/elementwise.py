"""Operations of keras.ops that treat each number by itself."""

from __future__ import annotations

from collections.abc import Callable

from ...._errors import ExportError
from ..call import Call
from ..value import Value

Handler = Callable[[Call], Value]


def unary(op: str) -> Handler:
    """Write an operator of one tensor."""

    def handle(call: Call) -> Value:
        value = call.given()
        tensor, is_first = call.plain(value)
        return call.wrap(call.emit(op, tensor), is_first)

    return handle


def _operands(call: Call, *, numbers: bool = True) -> list[Value]:
    """Return both operands; arithmetic takes truth values for 0 and 1."""
    values = [call.operand(call.argument(i, name)) for i, name in enumerate(("x1", "x2"))]
    for i, value in enumerate(values):
        if numbers and value.dtype == "bool":
            tensor, is_first = call.plain(value)
            cast = call.emit("Cast", tensor, part=f"number{i}", to=1)
            values[i] = Value(
                value.shape, "float32", "" if is_first else cast, cast if is_first else ""
            )
    return values


def binary(op: str, *, numbers: bool = True) -> Handler:
    """Write an operator of two tensors, tensors and numbers broadcasting as in NumPy."""

    def handle(call: Call) -> Value:
        tensors, is_first = call.same_layout(*_operands(call, numbers=numbers))
        return call.wrap(call.emit(op, *tensors), is_first)

    return handle


def negated(op: str) -> Handler:
    """Write a comparison and its negation."""

    def handle(call: Call) -> Value:
        tensors, is_first = call.same_layout(*_operands(call))
        return call.wrap(call.emit("Not", call.emit(op, *tensors, part="same")), is_first)

    return handle


def square(call: Call) -> Value:
    """`x * x`."""
    tensor, is_first = call.plain(call.given())
    return call.wrap(call.emit("Mul", tensor, tensor), is_first)


def rsqrt(call: Call) -> Value:
    """`1 / sqrt(x)`."""
    tensor, is_first = call.plain(call.given())
    root = call.emit("Sqrt", tensor, part="root")
    return call.wrap(call.emit("Reciprocal", root), is_first)


def log1p(call: Call) -> Value:
    """`log(1 + x)`."""
    tensor, is_first = call.plain(call.given())
    more = call.emit("Add", tensor, call.number(1.0, "one"), part="sum")
    return call.wrap(call.emit("Log", more), is_first)


def expm1(call: Call) -> Value:
    """`exp(x) - 1`."""
    tensor, is_first = call.plain(call.given())
    power = call.emit("Exp", tensor, part="power")
    return call.wrap(call.emit("Sub", power, call.number(1.0, "one")), is_first)


def clip(call: Call) -> Value:
    """keras.ops.clip with numbers as bounds."""
    bounds = [call.op.x_min, call.op.x_max]
    if not all(bound is None or isinstance(bound, (int, float)) for bound in bounds):
        raise ExportError("has bounds that are not plain numbers")
    tensor, is_first = call.plain(call.given())
    held = [
        "" if bound is None else call.number(bound, name)
        for bound, name in zip(bounds, ("min", "max"), strict=True)
    ]
    return call.wrap(call.emit("Clip", tensor, *held), is_first)


def where(call: Call) -> Value:
    """keras.ops.where with both branches."""
    parts = [call.argument(i, name) for i, name in enumerate(("condition", "x1", "x2"))]
    if parts[1] is None or parts[2] is None:
        raise ExportError("is called without its two branches")
    tensors, is_first = call.same_layout(*(call.operand(part) for part in parts))
    return call.wrap(call.emit("Where", *tensors), is_first)


#: types of Keras by their numbers in ONNX
_TYPES = {
    "float32": 1, "uint8": 2, "int8": 3, "int16": 5, "int32": 6, "int64": 7, "bool": 9,
    "float16": 1, "bfloat16": 1, "float64": 1,
}  # fmt: skip


def cast(call: Call) -> Value:
    """keras.ops.cast; between the float types nothing happens."""
    value, kind = call.given(), str(call.op.dtype)
    tensor, is_first = call.plain(value)
    if kind not in _TYPES:
        raise ExportError(f"casts to {kind}")
    if _TYPES[kind] == 1 and "float" in value.dtype:
        return call.wrap(call.emit("Identity", tensor), is_first)
    return call.wrap(call.emit("Cast", tensor, to=_TYPES[kind]), is_first)


ELEMENTWISE: dict[str, Handler] = {
    "Absolute": unary("Abs"), "Abs": unary("Abs"), "Negative": unary("Neg"), "Exp": unary("Exp"),
    "Log": unary("Log"), "Sqrt": unary("Sqrt"), "Reciprocal": unary("Reciprocal"),
    "Sin": unary("Sin"), "Cos": unary("Cos"), "Sign": unary("Sign"), "Floor": unary("Floor"),
    "Erf": unary("Erf"), "LogicalNot": unary("Not"), "Copy": unary("Identity"),
    "ConvertToTensor": unary("Identity"), "StopGradient": unary("StopGradient"),
    "Square": square, "Rsqrt": rsqrt, "Log1p": log1p, "Expm1": expm1, "Clip": clip,
    "Where": where, "Cast": cast,
    "Add": binary("Add"), "Subtract": binary("Sub"), "Multiply": binary("Mul"),
    "Divide": binary("Div"), "TrueDivide": binary("Div"), "Power": binary("Pow"),
    "Maximum": binary("Max"), "Minimum": binary("Min"),
    "Greater": binary("Greater"), "GreaterEqual": binary("GreaterOrEqual"),
    "Less": binary("Less"), "LessEqual": binary("LessOrEqual"), "Equal": binary("Equal"),
    "NotEqual": negated("Equal"), "LogicalAnd": binary("And", numbers=False),
    "LogicalOr": binary("Or", numbers=False),
}  # fmt: skip
