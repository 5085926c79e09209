"""Convolutions. Kernels stay in the layout of Keras; a Transpose node brings them to ONNX's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...._errors import ExportError
from ..call import Call
from ..value import Value
from .core import finished


def edges(
    padding: str,
    sizes: Sequence[int | None],
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
) -> dict[str, Any]:
    """Return the attributes that pad as Keras does: pads where the sizes are known."""  # fmt: skip
    if padding == "valid":
        return {}
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    if padding == "causal":
        return {"pads": [span - 1 for span in spans] + [0] * len(spans)}
    totals = []
    for size, span, stride in zip(sizes, spans, strides, strict=True):
        if size is None and stride != 1:
            return {"auto_pad": "SAME_UPPER"}
        totals.append(
            span - 1 if size is None else max((-(-size // stride) - 1) * stride + span - size, 0)
        )
    return {"pads": [total // 2 for total in totals] + [t - t // 2 for t in totals]}


def spatial_first(call: Call) -> tuple[Value, str, bool]:
    """Return the input, its tensor with channels on axis 1, and whether Keras has them there."""
    value = call.given()
    if getattr(call.op, "data_format", "channels_last") == "channels_first":
        return value, call.native(value), True
    return value, call.first(value), False


def lengths(value: Value, is_first: bool) -> list[int | None]:
    """Return the sizes along the spatial axes."""
    return list(value.shape[2:] if is_first else value.shape[1:-1])


def _spread(strides: Any, rank: int) -> list[int]:
    return [int(strides)] * rank if isinstance(strides, int) else [int(s) for s in strides]


def conv(call: Call) -> Value:
    """keras.layers.Conv1D, Conv2D, Conv3D: kernel (sizes…, inputs / groups, units)."""
    layer = call.op
    value, x, is_first = spatial_first(call)
    rank = value.rank - 2
    strides, dilations = _spread(layer.strides, rank), _spread(layer.dilation_rate, rank)
    size = [int(length) for length in layer.kernel_size]
    held = [call.weight(layer.kernel, [rank + 1, rank, *range(rank)])]
    if layer.use_bias:
        held.append(call.weight(layer.bias))
    padding = edges(layer.padding, lengths(value, is_first), size, strides, dilations)
    tensor = call.emit(
        "Conv", x, *held, kernel_shape=size, strides=strides, dilations=dilations,
        group=int(layer.groups), **padding,
    )  # fmt: skip
    return finished(call, call.wrap(tensor, not is_first))


def _depthwise(
    call: Call, kernel: Any, value: Value, x: str, is_first: bool, bias: str | None, part: str
) -> str:
    """Convolve each channel by itself; kernel (sizes…, channels, multiplier)."""
    layer, rank = call.op, value.rank - 2
    *size, channels, multiplier = (int(length) for length in kernel.shape)
    strides, dilations = _spread(layer.strides, rank), _spread(layer.dilation_rate, rank)
    moved = call.weight(kernel, [rank, rank + 1, *range(rank)])
    weight = call.reshape(moved, [channels * multiplier, 1, *size], "kernel")
    padding = edges(layer.padding, lengths(value, is_first), size, strides, dilations)
    held = [weight] if bias is None else [weight, bias]
    return call.emit(
        "Conv", x, *held, part=part, kernel_shape=size, strides=strides,
        dilations=dilations, group=channels, **padding,
    )  # fmt: skip


def depthwise_conv(call: Call) -> Value:
    """keras.layers.DepthwiseConv1D, DepthwiseConv2D."""
    value, x, is_first = spatial_first(call)
    bias = call.weight(call.op.bias) if call.op.use_bias else None
    tensor = _depthwise(call, call.op.kernel, value, x, is_first, bias, "")
    return finished(call, call.wrap(tensor, not is_first))


def separable_conv(call: Call) -> Value:
    """keras.layers.SeparableConv1D, SeparableConv2D: depthwise, then 1 x 1."""
    layer = call.op
    value, x, is_first = spatial_first(call)
    rank = value.rank - 2
    deep = _depthwise(call, layer.depthwise_kernel, value, x, is_first, None, "depthwise")
    held = [call.weight(layer.pointwise_kernel, [rank + 1, rank, *range(rank)])]
    if layer.use_bias:
        held.append(call.weight(layer.bias))
    tensor = call.emit("Conv", deep, *held, kernel_shape=[1] * rank)
    return finished(call, call.wrap(tensor, not is_first))


def conv_transpose(call: Call) -> Value:
    """keras.layers.Conv1DTranspose, …: kernel (sizes…, units, inputs).

    The padding is the one of the convolution whose gradient this is, so that "same" gives
    `length * stride`.
    """
    layer = call.op
    value, x, is_first = spatial_first(call)
    rank = value.rank - 2
    strides, dilations = _spread(layer.strides, rank), _spread(layer.dilation_rate, rank)
    size = [int(length) for length in layer.kernel_size]
    after = list(call.shape[2:] if is_first else call.shape[1:-1])
    begins, ends, extra = [], [], []
    for i, before in enumerate(lengths(value, is_first)):
        reach, target = strides[i], after[i]
        span = (size[i] - 1) * dilations[i] + 1
        if before is None or target is None:
            if getattr(layer, "output_padding", None) is not None:
                raise ExportError("has output_padding and an input of unknown length")
            before, target = (
                8,
                8 * reach + (max(span - reach, 0) if layer.padding == "valid" else 0),
            )
        whole = reach * (before - 1) + span
        cut = max(whole - target, 0)
        begins.append(cut // 2 if layer.padding == "same" else 0)
        ends.append(cut - begins[-1])
        extra.append(max(target - whole, 0))
    held = [call.weight(layer.kernel, [rank + 1, rank, *range(rank)])]
    if layer.use_bias:
        held.append(call.weight(layer.bias))
    tensor = call.emit(
        "ConvTranspose", x, *held, kernel_shape=size, strides=strides, dilations=dilations,
        pads=begins + ends, output_padding=extra,
    )  # fmt: skip
    return finished(call, call.wrap(tensor, not is_first))
