"""Convolutions and their transposes, in one to three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import fx, nn

from ...._errors import ExportError
from ..call import Call
from ..registry import Handler, aten, function, module
from .joining import write_pad


def each(value: Any, dims: int) -> list[int]:
    """Return one number per dimension."""
    if isinstance(value, (list, tuple)):
        held = [int(item) for item in value]
        return held * dims if len(held) == 1 else held
    return [int(value)] * dims


def check_rank(call: Call, input: Any, dims: int) -> None:
    """Raise where the input has no axis of samples."""
    if call.rank(input) != dims + 2:
        raise ExportError(
            f"gets {call.rank(input)} axes; expected {dims + 2}: samples, channels and {dims} more"
        )


def _paddings(padding: Any, kernel: Sequence[int], dilation: Sequence[int]) -> list[int]:
    """Return the widths before each axis, then those after."""
    dims = len(kernel)
    if padding == "valid":
        return [0] * (2 * dims)
    if padding == "same":  # an odd rest goes after
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return [t // 2 for t in total] + [t - t // 2 for t in total]
    return each(padding, dims) * 2


def _convolution(dims: int) -> Handler:
    def handle(
        call: Call, input: fx.Node, weight: Any, bias: Any = None, stride: Any = 1,
        padding: Any = 0, dilation: Any = 1, groups: int = 1, padding_mode: str = "zeros",
    ) -> str:  # fmt: skip
        check_rank(call, input, dims)
        kernel = [int(length or 0) for length in call.shape(weight)[2:]]
        strides, dilations = (each(call.value(v), dims) for v in (stride, dilation))
        pads = _paddings(call.value(padding), kernel, dilations)
        tensor = call.tensor(input)
        if padding_mode != "zeros":
            widths = [0, 0, *pads[:dims], 0, 0, *pads[dims:]]
            tensor = write_pad(call, tensor, widths, padding_mode, part="padded")
            pads = [0] * (2 * dims)
        held = [call.tensor(weight)] + ([] if bias is None else [call.tensor(bias)])
        return call.emit(
            "Conv", tensor, *held, kernel_shape=kernel, strides=strides, pads=pads,
            dilations=dilations, group=int(call.value(groups)),
        )  # fmt: skip

    return handle


def _transposed(dims: int) -> Handler:
    def handle(
        call: Call, input: fx.Node, weight: Any, bias: Any = None, stride: Any = 1,
        padding: Any = 0, output_padding: Any = 0, groups: int = 1, dilation: Any = 1,
    ) -> str:  # fmt: skip
        check_rank(call, input, dims)
        held = [call.tensor(weight)] + ([] if bias is None else [call.tensor(bias)])
        return call.emit(
            "ConvTranspose", call.tensor(input), *held,
            kernel_shape=[int(length or 0) for length in call.shape(weight)[2:]],
            strides=each(call.value(stride), dims), pads=each(call.value(padding), dims) * 2,
            output_padding=each(call.value(output_padding), dims),
            dilations=each(call.value(dilation), dims), group=int(call.value(groups)),
        )  # fmt: skip

    return handle


def _register(dims: int, plain: type[nn.Module], turned: type[nn.Module]) -> None:
    convolution, transposed = _convolution(dims), _transposed(dims)
    function(f"conv{dims}d")(convolution)
    function(f"conv_transpose{dims}d")(transposed)

    @module(plain)
    def _plain(call: Call, owner: Any, input: fx.Node) -> Any:
        return convolution(
            call, input, call.param("weight"), call.param("bias"), owner.stride, owner.padding,
            owner.dilation, owner.groups, owner.padding_mode,
        )  # fmt: skip

    @module(turned)
    def _turned(call: Call, owner: Any, input: fx.Node, output_size: Any = None) -> Any:
        if output_size is not None:
            raise ExportError("is called with output_size; give the layer an output_padding")
        return transposed(
            call, input, call.param("weight"), call.param("bias"), owner.stride, owner.padding,
            owner.output_padding, owner.groups, owner.dilation,
        )  # fmt: skip


_register(1, nn.Conv1d, nn.ConvTranspose1d)
_register(2, nn.Conv2d, nn.ConvTranspose2d)
_register(3, nn.Conv3d, nn.ConvTranspose3d)


@aten("convolution")
def _any(
    call: Call, input: fx.Node, weight: fx.Node, bias: Any, stride: Any, padding: Any,
    dilation: Any, transposed: bool, output_padding: Any, groups: int,
) -> Any:  # fmt: skip
    dims = call.rank(weight) - 2
    if transposed:
        return _transposed(dims)(
            call, input, weight, bias, stride, padding, output_padding, groups, dilation
        )
    return _convolution(dims)(call, input, weight, bias, stride, padding, dilation, groups)
