"""Layers that are one operator or two."""

from __future__ import annotations

from typing import Any

from .writer import Handler, Writer


def single(op: str, *attributes: str) -> Handler:
    """Write an operator with the layer's own attributes."""

    def handle(w: Writer) -> str:
        held: dict[str, Any] = {name: getattr(w.op, name) for name in attributes}
        return w.emit(op, w.tensor, **held)

    return handle


def dense(w: Writer) -> str:
    """Write `x @ weight + bias` over the last axis."""
    weight, bias = w.held["weight"], w.held.get("bias")
    if len(w.before) == 1:
        return w.emit("Gemm", w.tensor, weight, *([] if bias is None else [bias]))
    if bias is None:
        return w.emit("MatMul", w.tensor, weight)
    return w.emit("Add", w.emit("MatMul", w.tensor, weight, part="product"), bias)


def conv(w: Writer) -> str:
    """Write a convolution."""
    layer = w.op
    return w.emit(
        "Conv", w.tensor, *w.held.values(), kernel_shape=[int(n) for n in layer.weight.shape[2:]],
        strides=list(layer.stride), dilations=list(layer.dilation), group=layer.groups,
        pads=list(layer.padding) * 2,
    )  # fmt: skip


def pool(op: str) -> Handler:
    """Write a pooling over windows."""
    return lambda w: w.emit(
        op, w.tensor, kernel_shape=list(w.op.size), strides=list(w.op.stride),
        pads=list(w.op.padding) * 2,
    )  # fmt: skip


def global_pool(op: str) -> Handler:
    """Write a pooling over all of a channel."""
    return lambda w: w.emit("Flatten", w.emit(op, w.tensor, part="pooled"), axis=1)


def batch_norm(w: Writer) -> str:
    """Write a batch norm; the mode of the run says whose statistics it takes."""
    return w.emit(
        "BatchNormalization", w.tensor, *w.held.values(), epsilon=float(w.op.eps),
        momentum=float(w.op.momentum), training_mode=int(w.training),
    )  # fmt: skip


def layer_norm(w: Writer) -> str:
    """Write a layer norm over the axes of its scale."""
    return w.emit(
        "LayerNormalization", w.tensor, *w.held.values(), axis=-w.op.gamma.ndim,
        epsilon=float(w.op.eps),
    )  # fmt: skip


def clip(w: Writer) -> str:
    """Write a Clip."""
    return w.emit("Clip", w.tensor, w.number(w.op.low, "low"), w.number(w.op.high, "high"))


def dropout(w: Writer) -> str:
    """Write a Dropout; whether it is at work follows the mode of the run."""
    return w.emit("Dropout", w.tensor, w.number(w.op.p, "ratio"))


def reshape(w: Writer) -> str:
    """Write a Reshape of each sample."""
    return w.reshape(w.tensor, [0, *w.after])


def transpose(w: Writer) -> str:
    """Write a Transpose of each sample."""
    return w.emit("Transpose", w.tensor, perm=[0, *w.op.axes])
