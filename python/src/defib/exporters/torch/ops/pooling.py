"""Pooling, in one to three dimensions."""

from __future__ import annotations

import math
from typing import Any

from torch import fx, nn
from torch.nn import functional as F  # noqa: N812

from ...._errors import ExportError
from ..call import Call
from ..registry import Handler, aten, function, module
from .convolution import check_rank, each
from .resizing import pool_unevenly


def _max_pool(dims: int) -> Handler:
    def handle(
        call: Call, input: fx.Node, kernel_size: Any, stride: Any = None, padding: Any = 0,
        dilation: Any = 1, ceil_mode: bool = False, return_indices: bool = False,
    ) -> str:  # fmt: skip
        check_rank(call, input, dims)
        if return_indices:
            raise ExportError("returns indices; only the maxima can be replayed")
        return call.emit(
            "MaxPool", call.tensor(input), **_window(kernel_size, stride, padding, dims),
            dilations=each(dilation, dims), ceil_mode=int(ceil_mode),
        )  # fmt: skip

    return handle


def _average_pool(dims: int) -> Handler:
    def handle(
        call: Call, input: fx.Node, kernel_size: Any, stride: Any = None, padding: Any = 0,
        ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: Any = None,
    ) -> str:  # fmt: skip
        check_rank(call, input, dims)
        window = _window(kernel_size, stride, padding, dims)
        attributes = window | {"ceil_mode": int(ceil_mode)}
        if divisor_override:
            # With the padding counted, a window always has as many cells as its kernel.
            if ceil_mode:
                raise ExportError("has a divisor_override together with ceil_mode")
            mean = call.emit(
                "AveragePool", call.tensor(input), part="mean", count_include_pad=1, **attributes
            )
            factor = math.prod(window["kernel_shape"]) / divisor_override
            return call.emit("Mul", mean, call.number(factor))
        return call.emit(
            "AveragePool", call.tensor(input), count_include_pad=int(count_include_pad),
            **attributes,
        )  # fmt: skip

    return handle


def _window(kernel: Any, stride: Any, padding: Any, dims: int) -> dict[str, Any]:
    shape = each(kernel, dims)
    strides = shape if stride is None or stride == [] else each(stride, dims)
    return {"kernel_shape": shape, "strides": strides, "pads": each(padding, dims) * 2}


def _adaptive(dims: int, name: str) -> Handler:
    def handle(call: Call, input: fx.Node, output_size: Any, return_indices: bool = False) -> str:
        check_rank(call, input, dims)
        if return_indices:
            raise ExportError("returns indices; only the maxima can be replayed")
        before = [int(length or 0) for length in call.shape(input)[2:]]
        wanted = output_size if isinstance(output_size, (list, tuple)) else [output_size] * dims
        after = [b if w is None else int(w) for b, w in zip(before, wanted, strict=True)]
        tensor = call.tensor(input)
        if before == after:
            return call.emit("Identity", tensor)
        if all(length == 1 for length in after):
            return call.emit(f"Global{name}Pool", tensor)
        if any(b % a for b, a in zip(before, after, strict=True)):
            if name == "Average":
                return pool_unevenly(call, input, after)
            raise ExportError(
                f"pools {before} to {after}; sizes that do not divide make uneven windows, which "
                "no run can express"
            )
        window = [b // a for b, a in zip(before, after, strict=True)]
        return call.emit(f"{name}Pool", tensor, kernel_shape=window, strides=window)

    return handle


def _register(dims: int) -> None:
    largest, average = _max_pool(dims), _average_pool(dims)
    adaptive_max, adaptive_avg = _adaptive(dims, "Max"), _adaptive(dims, "Average")
    function(f"max_pool{dims}d", also=(getattr(F, f"max_pool{dims}d"),))(largest)
    function(f"avg_pool{dims}d")(average)
    function(f"adaptive_avg_pool{dims}d")(adaptive_avg)
    function(f"adaptive_max_pool{dims}d", also=(getattr(F, f"adaptive_max_pool{dims}d"),))(
        adaptive_max
    )

    @aten(f"adaptive_max_pool{dims}d")
    def _with_indices(call: Call, input: fx.Node, output_size: Any) -> Any:
        return adaptive_max(call, input, output_size), None

    @aten(f"max_pool{dims}d_with_indices")
    def _windows(call: Call, input: fx.Node, *given: Any) -> Any:
        return largest(call, input, *given), None

    @module(getattr(nn, f"MaxPool{dims}d"))
    def _max(call: Call, owner: Any, input: fx.Node) -> Any:
        return largest(
            call, input, owner.kernel_size, owner.stride, owner.padding, owner.dilation,
            owner.ceil_mode, owner.return_indices,
        )  # fmt: skip

    @module(getattr(nn, f"AvgPool{dims}d"))
    def _average(call: Call, owner: Any, input: fx.Node) -> Any:
        return average(
            call, input, owner.kernel_size, owner.stride, owner.padding, owner.ceil_mode,
            owner.count_include_pad, getattr(owner, "divisor_override", None),
        )  # fmt: skip

    @module(getattr(nn, f"AdaptiveMaxPool{dims}d"))
    def _adaptive_max(call: Call, owner: Any, input: fx.Node) -> Any:
        return adaptive_max(call, input, owner.output_size, owner.return_indices)

    @module(getattr(nn, f"AdaptiveAvgPool{dims}d"))
    def _adaptive_avg(call: Call, owner: Any, input: fx.Node) -> Any:
        return adaptive_avg(call, input, owner.output_size)


for _dims in (1, 2, 3):
    _register(_dims)
