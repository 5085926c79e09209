"""Tensors put together and cut apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import fx, nn

from ...._errors import ExportError
from ..call import Call
from ..registry import Handler, function, module


@function("cat", "concat", "concatenate")
def cat(call: Call, tensors: Sequence[fx.Node], dim: int = 0, **named: Any) -> str:
    """Write a Concat; empty tensors of one axis, which PyTorch allows, are left out."""
    axis = int(call.value(named.get("axis", dim))) % len(call.out())
    held = [call.tensor(item) for item in tensors if call.shape(item) != (0,)]
    return call.emit("Concat", *held, axis=axis) if len(held) > 1 else held[0]


@function("hstack")
def _hstack(call: Call, tensors: Sequence[fx.Node]) -> str:
    return cat(call, tensors, 0 if len(call.out()) == 1 else 1)


@function("stack")
def _stack(call: Call, tensors: Sequence[fx.Node], dim: int = 0) -> str:
    axis = int(call.value(dim)) % len(call.out())
    axes = call.integers([axis], "axes")
    held = [
        call.emit("Unsqueeze", call.tensor(item), axes, part=f"item{i}")
        for i, item in enumerate(tensors)
    ]
    return call.emit("Concat", *held, axis=axis)


def split(call: Call, input: Any, sizes: Sequence[int], axis: int) -> tuple[str, ...]:
    """Write a Split into parts of these sizes."""
    parts = [f"part{i}" for i in range(len(sizes))]
    return call.emit_several(
        "Split", call.tensor(input), call.integers(sizes, "sizes"), parts=parts, axis=axis
    )


@function("split", "chunk", "tensor_split", "split_with_sizes", "unsafe_chunk", "unsafe_split")
def _split(
    call: Call, input: fx.Node, sections: Any = None, dim: int = 0, **named: Any
) -> tuple[str, ...]:
    axis = call.axis(input, dim)
    sizes = [value.shape[axis] for value in call.lowering.values[0][call.node.name]]
    if call.shape(input)[axis] is None:
        raise ExportError("splits the batch")
    return split(call, input, sizes, axis)


@function("unbind")
def _unbind(call: Call, input: fx.Node, dim: int = 0) -> tuple[str, ...]:
    axis = call.axis(input, dim)
    if call.shape(input)[axis] is None:
        raise ExportError("splits the batch")
    count = len(call.lowering.values[0][call.node.name])
    axes = call.integers([axis], "axes")
    parts = split(call, input, [1] * count, axis)
    return tuple(call.emit("Squeeze", part, axes, part=f"item{i}") for i, part in enumerate(parts))


@function("pad")
def pad(
    call: Call, input: fx.Node, pad: Sequence[Any], mode: str = "constant", value: Any = None
) -> str:
    """Write a Pad; PyTorch counts the axes from the last one."""
    widths = [int(width) for width in call.value(list(pad))]
    rank = call.rank(input)
    before, after = [0] * rank, [0] * rank
    for i in range(len(widths) // 2):
        before[rank - 1 - i], after[rank - 1 - i] = widths[2 * i], widths[2 * i + 1]
    return write_pad(call, call.tensor(input), before + after, mode, value)


_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def write_pad(
    call: Call, tensor: str, pads: Sequence[int], mode: str, value: Any = None, part: str = ""
) -> str:
    """Write a Pad whose `pads` are those before every axis, then those after."""
    if pads[0] or pads[len(pads) // 2]:
        raise ExportError("pads the batch")
    held = [call.integers(pads, "pads")]
    if mode == "constant" and value:
        held.append(call.number(float(call.value(value))))
    return call.emit("Pad", tensor, *held, part=part, mode=_MODES[mode])


def _padding_module(mode: str) -> Handler:
    def handle(call: Call, owner: Any, input: fx.Node) -> str:
        return pad(call, input, owner.padding, mode, getattr(owner, "value", None))

    return handle


for _name, _mode in (
    ("Zero", "constant"), ("Constant", "constant"), ("Reflection", "reflect"),
    ("Replication", "replicate"), ("Circular", "circular"),
):  # fmt: skip
    for _dims in (1, 2, 3):
        _kind = getattr(nn, f"{_name}Pad{_dims}d", None)
        if _kind is not None:
            module(_kind)(_padding_module(_mode))
