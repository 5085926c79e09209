"""Dense, Embedding, activations, dropout, scaling, and the layers that change a shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...._errors import ExportError
from ..call import Call
from ..lowering import array_of
from ..value import Value, known
from .activations import activate, apply, softmax


def product(call: Call, x: Value, kernel: str, bias: str | None) -> str:
    """Multiply the last axis of `x` by a kernel (inputs, units) and add a bias."""
    tensor = call.native(x)
    held = [kernel] if bias is None else [kernel, bias]
    if x.rank == 2:
        return call.emit("Gemm", tensor, *held)
    if bias is None:
        return call.emit("MatMul", tensor, kernel)
    return call.emit("Add", call.emit("MatMul", tensor, kernel, part="product"), bias)


def finished(call: Call, value: Value) -> Value:
    """Write the layer's own activation behind its product."""
    function = getattr(call.op, "activation", None)
    return activate(call, value, function, part=getattr(function, "__name__", "activation"))


def dense(call: Call) -> Value:
    """keras.layers.Dense: kernel (inputs, units), over the last axis."""
    layer, x = call.op, call.given()
    kernel = call.weight(layer.kernel)
    bias = call.weight(layer.bias) if layer.use_bias else None
    return finished(call, call.value(product(call, x, kernel, bias)))


def einsum_dense(call: Call) -> Value:
    """keras.layers.EinsumDense."""
    layer, x = call.op, call.given()
    equation = _filled(str(layer.equation), x.rank)
    part = "product" if layer.bias is not None else ""
    tensor = call.emit(
        "Einsum", call.native(x), call.weight(layer.kernel), part=part, equation=equation
    )
    if layer.bias is not None:
        tensor = call.emit("Add", tensor, call.weight(layer.bias))
    return finished(call, call.value(tensor))


def _filled(equation: str, rank: int) -> str:
    """Write letters for the three dots of an equation."""
    if "..." not in equation:
        return equation
    left = equation.split("->")[0].split(",")[0].replace("...", "")
    free = [c for c in "ABCDEFGHIJKLMNOP" if c not in equation]
    return equation.replace("...", "".join(free[: rank - len(left)]))


def embedding(call: Call) -> Value:
    """keras.layers.Embedding: the rows of a table."""
    x = call.given()
    return call.value(call.emit("Gather", call.weight(call.op.embeddings), call.native(x), axis=0))


def identity(call: Call) -> Value:
    """Layers that do nothing at inference."""
    return call.given()


def augmentation(call: Call) -> Value:
    """Layers that change images at random in training: skipped, unless sizes change."""
    value = call.given()
    if call.shape[1:] != value.shape[1:]:
        raise ExportError(
            f"turns {value.shape[1:]} into {call.shape[1:]}; pass x as it comes out of this layer"
        )
    return value


def dropout(call: Call) -> Value:
    """Write a Dropout; whether it is at work follows the mode of the run."""
    value = call.given()
    tensor, is_first = call.plain(value)
    return call.wrap(
        call.emit("Dropout", tensor, call.number(call.op.rate, "ratio")), is_first, value.shape
    )


def activation(call: Call) -> Value:
    """keras.layers.Activation."""
    return activate(call, call.given(), call.op.activation)


def named(kind: str, *attributes: str) -> Any:
    """Write a layer, or an operation, that is the activation `kind` with these attributes."""

    def handle(call: Call) -> Value:
        held = {name: getattr(call.op, name) for name in attributes if hasattr(call.op, name)}
        return apply(call, call.given(), kind, held)

    return handle


def softmax_layer(call: Call) -> Value:
    """keras.layers.Softmax."""
    if call.argument(1, "mask") is not None:
        raise ExportError("is called with a mask")
    return softmax(call, call.given(), call.op.axis)


def prelu(call: Call) -> Value:
    """keras.layers.PReLU: alpha has the shape of a sample, 1 along shared axes."""
    return call.value(call.emit("PRelu", call.native(call.given()), call.weight(call.op.alpha)))


def flatten(call: Call) -> Value:
    """keras.layers.Flatten, in the order of Keras."""
    value = call.given()
    if call.op.data_format == "channels_first" and value.rank > 2:
        order = [0, *range(2, value.rank), 1]
        tensor = call.emit("Transpose", call.native(value), part="channels_last", perm=order)
        return call.value(call.emit("Flatten", tensor, axis=1))
    if value.rank == 1:
        return call.value(call.reshape(call.native(value), [0, 1]))
    return call.value(call.emit("Flatten", call.native(value), axis=1))


def reshape(call: Call) -> Value:
    """keras.layers.Reshape."""
    value, shape = call.given(), call.shape
    if sum(length is None for length in shape[1:]) > 1:
        raise ExportError("has more than one unknown length; give the input a fixed shape")
    return call.value(call.reshape(call.native(value), known(shape)))


def permute(call: Call) -> Value:
    """keras.layers.Permute."""
    order = [0, *(int(axis) for axis in call.op.dims)]
    return call.value(call.emit("Transpose", call.native(call.given()), perm=order))


def repeat_vector(call: Call) -> Value:
    """keras.layers.RepeatVector: (samples, units) to (samples, n, units)."""
    value = call.given()
    axis = call.integers([1], "axes")
    row = call.emit("Unsqueeze", call.native(value), axis, part="row")
    return call.value(call.emit("Expand", row, call.integers([1, call.op.n, 1], "shape")))


def rescaling(call: Call) -> Value:
    """keras.layers.Rescaling: `x * scale + offset`."""
    value = call.given()
    scaled, offset = np.asarray(call.op.scale), np.asarray(call.op.offset)
    if scaled.ndim or offset.ndim:
        tensor, is_first = call.native(value), False
    else:
        tensor, is_first = call.plain(value)
    scale = call.native(call.operand(_single(scaled), "scale"))
    if not np.any(offset):
        return call.wrap(call.emit("Mul", tensor, scale), is_first, value.shape)
    tensor = call.emit("Mul", tensor, scale, part="scaled")
    shift = call.native(call.operand(_single(offset), "offset"))
    return call.wrap(call.emit("Add", tensor, shift), is_first, value.shape)


def _single(array: Any) -> Any:
    return float(array) if array.ndim == 0 else array.astype(np.float32)


def normalization(call: Call) -> Value:
    """keras.layers.Normalization: the mean and the deviation that it was adapted to."""
    layer, value = call.op, call.given()
    if layer.mean is None:
        raise ExportError("has not been adapted; call adapt(x) before the training")
    mean = array_of(layer.mean, "mean")
    spread = np.maximum(np.sqrt(array_of(layer.variance, "variance")), 1e-7).astype(mean.dtype)
    mean, spread = (a.reshape(a.shape[1:]) if a.shape[:1] == (1,) else a for a in (mean, spread))
    low, wide = call.constant(mean, "mean"), call.constant(spread, "deviation")
    if layer.invert:
        tensor = call.emit("Mul", call.native(value), wide, part="scaled")
        return call.value(call.emit("Add", tensor, low))
    tensor = call.emit("Sub", call.native(value), low, part="centred")
    return call.value(call.emit("Div", tensor, wide))
