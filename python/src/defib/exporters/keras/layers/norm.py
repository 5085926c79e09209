"""Normalisation layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...._errors import ExportError
from ..call import Call
from ..value import Value


def _or(call: Call, variable: Any, size: tuple[int, ...], fill: float, name: str) -> str:
    """Name a weight of the layer, or a constant where the layer goes without."""
    if variable is not None:
        return call.weight(variable)
    return call.constant(np.full(size, fill, np.float32), name)


def _channels_on_1(call: Call, value: Value, axis: int) -> tuple[str, str]:
    """Return the tensor with the normalised axis on axis 1, and how to come back from there."""
    axis = value.axis(axis)
    if value.rank == 2 or axis == 1:
        return call.native(value), "native"
    if axis == value.rank - 1:
        return call.first(value), "first"
    raise ExportError(f"has axis {axis}; only axis 1 and the last one can be replayed")


def _back(call: Call, tensor: str, form: str) -> Value:
    return call.value_first(tensor) if form == "first" else call.value(tensor)


def batch_normalization(call: Call) -> Value:
    """keras.layers.BatchNormalization: frozen layers use their running statistics, as in Keras."""
    layer = call.op
    value = call.operand(call.args[0])
    if getattr(layer, "renorm", False):
        raise ExportError("has renorm=True, which cannot be replayed")
    tensor, form = _channels_on_1(call, value, layer.axis)
    size = (int(layer.moving_mean.shape[0]),)
    gamma = _or(call, layer.gamma if layer.scale else None, size, 1.0, "gamma")
    beta = _or(call, layer.beta if layer.center else None, size, 0.0, "beta")
    training = call.lowering.training and layer.trainable
    written = call.emit(
        "BatchNormalization", tensor, gamma, beta,
        call.weight(layer.moving_mean), call.weight(layer.moving_variance),
        epsilon=float(layer.epsilon), momentum=float(layer.momentum),
        training_mode=int(training),
    )  # fmt: skip
    return _back(call, written, form)


def _trailing(value: Value, axis: Any) -> int:
    axes = sorted(value.axis(int(a)) for a in (axis if isinstance(axis, (list, tuple)) else [axis]))
    if axes != list(range(axes[0], value.rank)):
        raise ExportError(f"has axis {axis}; only the last axes can be replayed")
    return axes[0]


def layer_normalization(call: Call) -> Value:
    """keras.layers.LayerNormalization over the last axes."""
    layer = call.op
    if getattr(layer, "rms_scaling", False):
        raise ExportError("has rms_scaling=True; use keras.layers.RMSNormalization")
    value = call.operand(call.args[0])
    axis = _trailing(value, layer.axis)
    size = tuple(int(length or 1) for length in value.shape[axis:])
    held = [_or(call, layer.gamma if layer.scale else None, size, 1.0, "gamma")]
    if layer.center:
        held.append(call.weight(layer.beta))
    return call.value(
        call.emit(
            "LayerNormalization", call.native(value), *held, axis=axis - value.rank,
            epsilon=float(layer.epsilon),
        )
    )  # fmt: skip


def rms_normalization(call: Call) -> Value:
    """keras.layers.RMSNormalization over the last axes."""
    layer, value = call.op, call.operand(call.args[0])
    axis = _trailing(value, layer.axis)
    return call.value(
        call.emit(
            "RMSNormalization", call.native(value), call.weight(layer.scale),
            axis=axis - value.rank, epsilon=float(layer.epsilon),
        )
    )  # fmt: skip


def group_normalization(call: Call) -> Value:
    """keras.layers.GroupNormalization; groups=-1 means one group per channel."""
    layer, value = call.op, call.operand(call.args[0])
    channels = int(value.shape[value.axis(layer.axis)] or 0)
    tensor, form = _channels_on_1(call, value, layer.axis)
    gamma = _or(call, layer.gamma if layer.scale else None, (channels,), 1.0, "gamma")
    beta = _or(call, layer.beta if layer.center else None, (channels,), 0.0, "beta")
    groups = channels if layer.groups == -1 else int(layer.groups)
    written = call.emit(
        "GroupNormalization", tensor, gamma, beta, num_groups=groups, epsilon=float(layer.epsilon)
    )
    return _back(call, written, form)


def unit_normalization(call: Call) -> Value:
    """keras.layers.UnitNormalization: each sample divided by its Euclidean norm."""
    layer, value = call.op, call.operand(call.args[0])
    axis = layer.axis if isinstance(layer.axis, (list, tuple)) else [layer.axis]
    return normalized(call, value, [value.axis(int(a)) for a in axis], 1e-12)


def normalized(call: Call, value: Value, axes: list[int], epsilon: float) -> Value:
    """Divide by the Euclidean norm, at least `epsilon`'s root, along the axes."""
    tensor = call.native(value)
    norm = call.emit("ReduceL2", tensor, call.integers(axes, "axes"), part="norm", keepdims=1)
    bounded = call.emit("Max", norm, call.number(epsilon**0.5, "epsilon"), part="bounded")
    return call.value(call.emit("Div", tensor, bounded))
