"""Operations of keras.ops that sum up along axes, products, and softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...._errors import ExportError
from ..call import Call
from ..layers.activations import softmax as write_softmax
from ..layers.norm import normalized
from ..value import Value

Handler = Callable[[Call], Value]


def axes_of(value: Value, axis: Any) -> list[int]:
    """Return the axes that an operation names; None stands for all."""
    if axis is None:
        return list(range(value.rank))
    return [value.axis(int(a)) for a in (axis if isinstance(axis, (list, tuple)) else [axis])]


def reduction(op: str) -> Handler:
    """Write a reduction along the operation's axes."""

    def handle(call: Call) -> Value:
        value = call.given()
        axes = call.integers(axes_of(value, call.op.axis), "axes")
        return call.value(
            call.emit(op, call.native(value), axes, keepdims=int(bool(call.op.keepdims)))
        )

    return handle


def _variance(call: Call, value: Value, part: str = "") -> str:
    tensor, axes = call.native(value), call.integers(axes_of(value, call.op.axis), "axes")
    mean = call.emit("ReduceMean", tensor, axes, part="mean", keepdims=1)
    away = call.emit("Sub", tensor, mean, part="centred")
    squares = call.emit("Mul", away, away, part="squares")
    keep = int(bool(call.op.keepdims))
    return call.emit("ReduceMean", squares, axes, part=part, keepdims=keep)


def var(call: Call) -> Value:
    """keras.ops.var."""
    return call.value(_variance(call, call.given()))


def std(call: Call) -> Value:
    """keras.ops.std."""
    return call.value(call.emit("Sqrt", _variance(call, call.given(), "variance")))


def logsumexp(call: Call) -> Value:
    """keras.ops.logsumexp, with the largest value taken out first."""
    value = call.given()
    tensor, axes = call.native(value), call.integers(axes_of(value, call.op.axis), "axes")
    top = call.emit("ReduceMax", tensor, axes, part="max", keepdims=1)
    power = call.emit("Exp", call.emit("Sub", tensor, top, part="shifted"), part="power")
    total = call.emit("ReduceSum", power, axes, part="sum", keepdims=1)
    result = call.emit("Add", call.emit("Log", total, part="log"), top, part="kept")
    if call.op.keepdims:
        return call.value(result)
    return call.value(call.emit("Squeeze", result, axes))


def truths(op: str) -> Handler:
    """Write keras.ops.any, of which ReduceMax is one of truth values, or all."""

    def handle(call: Call) -> Value:
        value = call.given()
        axes = call.integers(axes_of(value, call.op.axis), "axes")
        number = call.emit("Cast", call.native(value), part="number", to=1)
        held = call.emit(op, number, axes, part="largest", keepdims=int(bool(call.op.keepdims)))
        return call.value(call.emit("Greater", held, call.number(0.0, "zero")))

    return handle


def matmul(call: Call) -> Value:
    """keras.ops.matmul."""
    left = call.operand(call.argument(0, "x1"))
    right = call.operand(call.argument(1, "x2"))
    if left.rank == right.rank == 2:
        return call.value(call.emit("Gemm", call.native(left), call.native(right)))
    return call.value(call.emit("MatMul", call.native(left), call.native(right)))


def einsum(call: Call) -> Value:
    """keras.ops.einsum."""
    tensors = [call.native(call.operand(operand)) for operand in call.args]
    return call.value(call.emit("Einsum", *tensors, equation=str(call.op.subscripts)))


def softmax(op: str) -> Handler:
    """Write keras.ops.softmax or log_softmax."""
    return lambda call: write_softmax(call, call.given(), call.op.axis, op=op)


def normalize(call: Call) -> Value:
    """keras.ops.normalize by the Euclidean norm."""
    if call.op.order != 2:
        raise ExportError(f"has order {call.op.order}; only 2 can be replayed")
    value = call.given()
    return normalized(call, value, axes_of(value, call.op.axis), float(call.op.epsilon or 1e-7))


def layer_norm(call: Call) -> Value:
    """keras.ops.layer_normalization over the last axis."""
    value = call.given()
    axes = sorted(axes_of(value, call.op.axis))
    if axes != list(range(axes[0], value.rank)) or call.op.rms_scaling:
        raise ExportError("normalises axes other than the last ones")
    size = tuple(int(length or 1) for length in value.shape[axes[0] :])
    gamma, beta = call.argument(1, "gamma"), call.argument(2, "beta")
    scale = np.ones(size, np.float32) if gamma is None else gamma
    held = [call.native(call.operand(scale, "scale"))]
    if beta is not None:
        held.append(call.native(call.operand(beta)))
    epsilon = 1e-7 if call.op.epsilon is None else float(call.op.epsilon)
    return call.value(
        call.emit(
            "LayerNormalization", call.native(value), *held, axis=axes[0] - value.rank,
            epsilon=epsilon,
        )
    )  # fmt: skip


REDUCTIONS: dict[str, Handler] = {
    "Mean": reduction("ReduceMean"), "Sum": reduction("ReduceSum"), "Max": reduction("ReduceMax"),
    "Min": reduction("ReduceMin"), "Amax": reduction("ReduceMax"), "Amin": reduction("ReduceMin"),
    "Any": truths("ReduceMax"), "All": truths("ReduceMin"),
    "Prod": reduction("ReduceProd"), "Var": var, "Std": std, "Logsumexp": logsumexp,
    "Matmul": matmul, "Einsum": einsum, "Softmax": softmax("Softmax"),
    "LogSoftmax": softmax("LogSoftmax"), "Normalize": normalize, "LayerNorm": layer_norm,
}  # fmt: skip
