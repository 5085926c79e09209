"""Pooling, padding, cropping and nearest up-sampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...._errors import ExportError
from ..call import Call
from ..value import Value
from .conv import edges, lengths, spatial_first
from .masks import mean


def pool(op: str) -> Callable[[Call], Value]:
    """Write keras.layers.MaxPooling1D and its like; the average leaves the padding out."""

    def handle(call: Call) -> Value:
        value, x, is_first = spatial_first(call)
        rank = value.rank - 2
        size, strides = _sizes(call.op.pool_size, rank), _sizes(call.op.strides, rank)
        padding = edges(call.op.padding, lengths(value, is_first), size, strides, [1] * rank)
        return call.wrap(
            call.emit(op, x, kernel_shape=size, strides=strides, **padding), not is_first
        )

    return handle


def _sizes(given: Any, rank: int) -> list[int]:
    return [int(given)] * rank if isinstance(given, int) else [int(length) for length in given]


def global_pool(op: str) -> Callable[[Call], Value]:
    """Write keras.layers.GlobalAveragePooling1D and its like."""

    def handle(call: Call) -> Value:
        mask = call.kwargs.get("mask")
        if mask is not None:
            if call.op.keepdims or call.op.data_format == "channels_first":
                raise ExportError("is called with a mask and keepdims or channels first")
            return call.value(mean(call, call.given(), call.operand(mask)))
        _, x, is_first = spatial_first(call)
        if call.op.keepdims:
            return call.wrap(call.emit(op, x), not is_first)
        tensor = call.emit(op, x, part="pooled")
        return call.value(call.emit("Flatten", tensor, axis=1))

    return handle


def zero_padding(call: Call) -> Value:
    """keras.layers.ZeroPadding1D, 2D, 3D."""
    value, x, is_first = spatial_first(call)
    pairs = _pairs(call.op.padding, value.rank - 2)
    pads = [0, 0, *(before for before, _ in pairs), 0, 0, *(after for _, after in pairs)]
    return call.wrap(call.emit("Pad", x, call.integers(pads, "pads")), not is_first)


def cropping(call: Call) -> Value:
    """keras.layers.Cropping1D, 2D, 3D."""
    value, x, is_first = spatial_first(call)
    pairs = _pairs(call.op.cropping, value.rank - 2)
    axes = list(range(2, value.rank))
    ends = [-after if after else 2**31 - 1 for _, after in pairs]
    tensor = call.emit(
        "Slice", x, call.integers([before for before, _ in pairs], "starts"),
        call.integers(ends, "ends"), call.integers(axes, "axes"),
    )  # fmt: skip
    return call.wrap(tensor, not is_first)


def _pairs(given: Any, rank: int) -> list[tuple[int, int]]:
    if isinstance(given, int):
        return [(given, given)] * rank
    if rank == 1 and not isinstance(given[0], (tuple, list)):
        return [(int(given[0]), int(given[1]))]
    return [(int(before), int(after)) for before, after in given]


def up_sampling(call: Call) -> Value:
    """keras.layers.UpSampling1D, 2D, 3D: each value is repeated along every axis."""
    if getattr(call.op, "interpolation", "nearest") != "nearest":
        raise ExportError(
            f"has interpolation {call.op.interpolation!r}; only 'nearest' can be replayed"
        )
    value, x, is_first = spatial_first(call)
    rank = value.rank - 2
    factors = _sizes(call.op.size, rank)
    axes = [3 + 2 * i for i in range(rank)]
    split = call.emit("Unsqueeze", x, call.integers(axes, "axes"), part="split")
    spread = [1, 1, *(length for factor in factors for length in (1, factor))]
    repeated = call.emit("Expand", split, call.integers(spread, "factors"), part="repeated")
    after = list(call.shape[2:] if is_first else call.shape[1:-1])
    if sum(length is None for length in after) > 1:
        raise ExportError("has more than one unknown length; give the input a fixed shape")
    channels = value.shape[1] if is_first else value.shape[-1]
    target = [0, *(-1 if length is None else length for length in [channels, *after])]
    return call.wrap(call.reshape(repeated, target), not is_first)
