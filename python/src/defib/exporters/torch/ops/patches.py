"""Images cut into patches and put together again, and channels that move into space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import fx, nn

from ...._errors import ExportError
from ..call import Call
from ..registry import aten, function, module

#: Tables of more elements are too large.
_LARGEST = 1 << 24


def _sizes(call: Call, input: fx.Node) -> list[int]:
    """Return the lengths of all axes but the first."""
    _, *rest = call.shape(input)
    if None in rest:
        raise ExportError("has the size of the batch on another axis than the first")
    return [int(length or 0) for length in rest]


def _moved(call: Call, tensor: str, cut: Sequence[int], order: Sequence[int],
           whole: Sequence[int]) -> str:  # fmt: skip
    parts = call.reshape(tensor, [0, *cut], "parts")
    return call.reshape(call.transpose(parts, [0, *order], "moved"), [0, *whole])


@function("pixel_shuffle")
def _pixel_shuffle(call: Call, input: fx.Node, upscale_factor: Any) -> str:
    r, (c, h, w) = int(call.value(upscale_factor)), _sizes(call, input)
    c //= r * r
    return _moved(call, call.tensor(input), [c, r, r, h, w], [1, 4, 2, 5, 3], [c, h * r, w * r])


@function("pixel_unshuffle")
def _pixel_unshuffle(call: Call, input: fx.Node, downscale_factor: Any) -> str:
    r, (c, h, w) = int(call.value(downscale_factor)), _sizes(call, input)
    cut = [c, h // r, r, w // r, r]
    return _moved(call, call.tensor(input), cut, [1, 3, 5, 2, 4], [c * r * r, h // r, w // r])


@function("channel_shuffle", "native_channel_shuffle")
def _channel_shuffle(call: Call, input: fx.Node, groups: Any) -> str:
    g, (c, *space) = int(call.value(groups)), _sizes(call, input)
    order = [2, 1, *range(3, 3 + len(space))]
    return _moved(call, call.tensor(input), [g, c // g, *space], order, [c, *space])


@module(nn.PixelShuffle)
def _shuffle_module(call: Call, owner: Any, input: fx.Node) -> str:
    return _pixel_shuffle(call, input, owner.upscale_factor)


@module(nn.PixelUnshuffle)
def _unshuffle_module(call: Call, owner: Any, input: fx.Node) -> str:
    return _pixel_unshuffle(call, input, owner.downscale_factor)


@module(nn.ChannelShuffle)
def _channels_module(call: Call, owner: Any, input: fx.Node) -> str:
    return _channel_shuffle(call, input, owner.groups)


def _pair(value: Any) -> tuple[int, int]:
    return (int(value[0]), int(value[-1])) if isinstance(value, (list, tuple)) else (value, value)


def _places(size: Sequence[int], window: Sequence[Any]) -> Any:
    """Return, of every tap and every patch, the number of its pixel in the padded image."""
    kernel, dilation, padding, stride = map(_pair, window)
    h, w = (length + 2 * pad for length, pad in zip(size, padding, strict=True))
    steps = [
        (length - d * (k - 1) - 1) // s + 1
        for length, k, d, s in zip((h, w), kernel, dilation, stride, strict=True)
    ]
    rows = [np.arange(k)[:, None] * d + np.arange(n)[None, :] * s
            for k, d, n, s in zip(kernel, dilation, steps, stride, strict=True)]  # fmt: skip
    table = rows[0][:, None, :, None] * w + rows[1][None, :, None, :]
    return table.reshape(kernel[0] * kernel[1], steps[0] * steps[1]), (h, w)


@aten("unfold")
def _windows(call: Call, input: fx.Node, dimension: Any, size: Any, step: Any) -> str:
    """Cut windows of one axis, whose elements go to a new last one: Tensor.unfold."""
    axis, length = call.axis(input, dimension), call.shape(input)[call.axis(input, dimension)]
    if length is None:
        raise ExportError("cuts windows of the samples of the batch")
    width, stride = int(call.value(size)), int(call.value(step))
    starts = np.arange(0, length - width + 1, stride)
    table = starts[:, None] + np.arange(width)[None, :]
    index = call.constant(table.astype(np.int64), "places")
    found = call.emit("Gather", call.tensor(input), index, part="windows", axis=axis)
    rank = call.rank(input) + 1
    order = [each for each in range(rank) if each != axis + 1]
    return call.transpose(found, [*order, axis + 1])


@function("unfold", "im2col")
def _unfold(
    call: Call, input: fx.Node, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
    stride: Any = 1,
) -> str:  # fmt: skip
    if call.node.op == "call_method":
        return _windows(call, input, kernel_size, dilation, padding)
    c, *size = _sizes(call, input)
    if len(size) != 2:
        raise ExportError("takes images of shape (samples, channels, height, width)")
    table, (h, w) = _places(size, list(map(call.value, (kernel_size, dilation, padding, stride))))
    tensor, (down, right) = call.tensor(input), _pair(call.value(padding))
    if down or right:
        pads = call.integers([0, 0, down, right, 0, 0, down, right], "pads")
        tensor = call.emit("Pad", tensor, pads, part="padded")
    flat = call.reshape(tensor, [0, c, h * w], "flat")
    held = call.integers(table.reshape(-1).tolist(), "places")
    picked = call.emit("Gather", flat, held, part="picked", axis=2)
    return call.reshape(picked, [0, c * table.shape[0], table.shape[1]])


@function("fold", "col2im")
def _fold(
    call: Call, input: fx.Node, output_size: Any, kernel_size: Any, dilation: Any = 1,
    padding: Any = 0, stride: Any = 1,
) -> str:  # fmt: skip
    size = _pair(call.value(output_size))
    table, (h, w) = _places(size, list(map(call.value, (kernel_size, dilation, padding, stride))))
    channels = _sizes(call, input)[0] // table.shape[0]
    if table.size * h * w > _LARGEST:
        raise ExportError("puts together more pixels than can be replayed; use a ConvTranspose2d")
    sums = np.zeros((table.size, h * w), np.float32)
    sums[np.arange(table.size), table.reshape(-1)] = 1
    down, right = _pair(call.value(padding))
    kept = sums.reshape(-1, h, w)[:, down : h - down or None, right : w - right or None]
    flat = call.reshape(call.tensor(input), [0, channels, table.size], "flat")
    matrix = call.constant(np.ascontiguousarray(kept.reshape(table.size, -1)), "sums")
    added = call.emit("MatMul", flat, matrix, part="added")
    return call.reshape(added, [0, channels, *size])


@module(nn.Unfold)
def _unfold_module(call: Call, owner: Any, input: fx.Node) -> str:
    return _unfold(call, input, owner.kernel_size, owner.dilation, owner.padding, owner.stride)


@module(nn.Fold)
def _fold_module(call: Call, owner: Any, input: fx.Node) -> str:
    return _fold(call, input, owner.output_size, owner.kernel_size, owner.dilation, owner.padding,
                 owner.stride)  # fmt: skip
