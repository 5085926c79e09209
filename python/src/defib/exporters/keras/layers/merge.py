"""Layers that merge several tensors into one."""

from __future__ import annotations

from collections.abc import Callable

from ...._errors import ExportError
from ..call import Call
from ..value import Value, known


def _several(call: Call) -> list[Value]:
    given = call.args[0] if call.args else next(iter(call.kwargs.values()))
    values = [call.operand(item) for item in given]
    if len({value.rank for value in values}) > 1:
        raise ExportError("merges tensors of different ranks; reshape them to one first")
    return values


def merged(op: str) -> Callable[[Call], Value]:
    """Write an operator that takes any number of tensors."""

    def handle(call: Call) -> Value:
        tensors, is_first = call.same_layout(*_several(call))
        pair = {"Sum": "Add"}.get(op, op) if len(tensors) == 2 else op
        return call.wrap(call.emit(pair, *tensors), is_first)

    return handle


def multiply(call: Call) -> Value:
    """keras.layers.Multiply."""
    tensors, is_first = call.same_layout(*_several(call))
    product = tensors[0]
    for i, tensor in enumerate(tensors[1:], start=2):
        part = "" if i == len(tensors) else f"product{i - 1}"
        product = call.emit("Mul", product, tensor, part=part)
    return call.wrap(product, is_first)


def concatenate(call: Call) -> Value:
    """keras.layers.Concatenate; along the channels it stays in the layout of ONNX."""
    values = _several(call)
    return joined(call, values, values[0].axis(int(call.op.axis)))


def joined(call: Call, values: list[Value], axis: int) -> Value:
    """Concatenate along an axis of Keras."""
    rank = values[0].rank
    tensors, is_first = call.same_layout(*values)
    if is_first:
        axis = 0 if axis == 0 else 1 if axis == rank - 1 else axis + 1
    return call.wrap(call.emit("Concat", *tensors, axis=axis), is_first)


def dot(call: Call) -> Value:
    """keras.layers.Dot: a product along one axis of each tensor, sample by sample."""
    if call.op.normalize:
        raise ExportError("has normalize=True; put a UnitNormalization in front of it")
    left, right = _several(call)
    axes = call.op.axes
    a, b = (axes, axes) if isinstance(axes, int) else axes
    a, b = left.axis(a), right.axis(b)
    letters = "bcdefgh"
    one = letters[: left.rank]
    two = letters[0] + "stuvw"[: right.rank - 1]
    two = two[:b] + one[a] + two[b + 1 :]
    rest = one.replace(one[a], "") + two[1:].replace(one[a], "")
    shaped = len(rest) == 1
    tensor = call.emit(
        "Einsum", call.native(left), call.native(right), part="product" if shaped else "",
        equation=f"{one},{two}->{rest}",
    )  # fmt: skip
    if shaped:
        tensor = call.reshape(tensor, known((None, 1)))
    return call.value(tensor)
