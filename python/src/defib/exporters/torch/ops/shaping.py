"""The same elements under other shapes, and repeated ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import fx, nn

from ...._errors import ExportError
from ..call import Call
from ..lowering import Shape
from ..registry import function, module
from ..shapes import BATCHES
from .fourier import Complex


def reshape(call: Call, input: fx.Node) -> str:
    """Give the argument the shape that this node has."""
    before, after = call.shape(input), call.out()
    if before == after and call.lowering.sizes(input) == call.lowering.sizes(call.node):
        return call.emit("Identity", call.tensor(input))
    target = [-1 if length is None else length for length in after]
    keeps = bool(before and after) and before[0] is None and after[0] is None
    if keeps and call.lowering.sizes(input)[0] == call.lowering.sizes(call.node)[0]:
        target[0] = 0
    if target.count(-1) > 1:
        raise ExportError("reshapes the batch into more than one axis")
    return call.reshape(call.tensor(input), target)


@function("view", "reshape", "unflatten", "view_as", "reshape_as", "unsafe_view", "_unsafe_view")
def _reshape(call: Call, input: fx.Node, *_: Any, **__: Any) -> str:
    return reshape(call, input)


def _through_transpose(call: Call, input: fx.Node, axes: Sequence[int]) -> str | None:
    """Squeeze the axes before the transpose that wrote the input: axis 0 may stay the sample."""
    source = call.lowering.transposes.get(call.tensor(input))
    if source is None:
        return None
    tensor, order = source
    gone = [order[axis] for axis in axes]
    squeezed = call.emit("Squeeze", tensor, call.integers(gone, "axes"))
    left = [axis for i, axis in enumerate(order) if i not in axes]
    return call.transpose(squeezed, [sorted(left).index(axis) for axis in left], "transposed")


@function("squeeze")
def _squeeze(call: Call, input: fx.Node, dim: Any = None) -> str:
    shape = call.shape(input)
    asked = range(len(shape)) if dim is None else call.value(dim)
    asked = [asked] if isinstance(asked, int) else asked
    axes = [axis % len(shape) for axis in asked]
    axes = [axis for axis in axes if shape[axis] == 1]
    return (axes and _through_transpose(call, input, axes)) or reshape(call, input)


@function("unsqueeze")
def _unsqueeze(call: Call, input: fx.Node, dim: int) -> str:
    rank = len(call.out())
    axis = int(call.value(dim)) % rank
    source = call.lowering.transposes.get(call.tensor(input))
    if source is None:
        return reshape(call, input)
    tensor, order = source  # the new axis goes last, below the transpose
    wide = call.emit("Unsqueeze", tensor, call.integers([rank - 1], "axes"), part="wide")
    moved = list(order)
    moved.insert(axis, rank - 1)
    return call.transpose(wide, moved)


@function("flatten")
def flatten(call: Call, input: fx.Node, start_dim: int = 0, end_dim: int = -1) -> str:
    """Write a Flatten, or a Reshape where ONNX has no Flatten for it."""
    rank = call.rank(input)
    start, end = int(call.value(start_dim)), int(call.value(end_dim))
    if rank >= 2 and start % rank == 1 and end % rank == rank - 1:
        return call.emit("Flatten", call.tensor(input), axis=1)
    return reshape(call, input)


module(nn.Flatten)(lambda call, owner, input: flatten(call, input, owner.start_dim, owner.end_dim))
module(nn.Unflatten)(lambda call, _, input: reshape(call, input))


def _numbers(call: Call, given: Sequence[Any]) -> list[int]:
    values = call.value(list(given))
    return list(values[0]) if len(values) == 1 and isinstance(values[0], list) else values


@function("permute")
def _permute(call: Call, input: fx.Node, *dims: Any, **named: Any) -> str:
    rank = call.rank(input)
    axes = _numbers(call, dims or named["dims"])
    return call.transpose(call.tensor(input), [axis % rank for axis in axes])


@function("transpose", "swapaxes", "swapdims")
def _transpose(call: Call, input: fx.Node, dim0: int, dim1: int) -> str:
    first, second = call.axis(input, dim0), call.axis(input, dim1)
    order = list(range(call.rank(input)))
    order[first], order[second] = order[second], order[first]
    return call.transpose(call.tensor(input), order)


@function("movedim", "moveaxis")
def _movedim(call: Call, input: fx.Node, source: Any, destination: Any) -> str:
    rank = call.rank(input)
    sources = [axis % rank for axis in _numbers(call, [source])]
    places = [axis % rank for axis in _numbers(call, [destination])]
    order = [axis for axis in range(rank) if axis not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return call.transpose(call.tensor(input), order)


function("mT", "adjoint")(lambda call, input: _transpose(call, input, -1, -2))


@function("t", "numpy_T")
def _t(call: Call, input: fx.Node) -> str:
    return call.transpose(call.tensor(input), range(call.rank(input))[::-1])


#: The results of max and min over an axis.
_FIELDS = {"values": 0, "indices": 1}


@function(also=(getattr,))
def _attribute(call: Call, input: fx.Node, name: str) -> Any:
    held = call.lowering.names.get(input)
    if isinstance(held, Complex) and name in ("real", "imag"):
        return held.real if name == "real" else held.imaginary
    if not call.is_tensor(input):  # one of the several results of a function
        return call.lowering.names[input][_FIELDS[name]]
    if name == "T":
        return _t(call, input)
    if name == "mT":
        return _transpose(call, input, -1, -2)
    if name == "data":
        return call.emit("StopGradient", call.tensor(input))
    raise ExportError(f"reads .{name} of a tensor")


@function("broadcast_tensors")
def _broadcast(call: Call, *tensors: Any) -> tuple[str, ...]:
    held = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    shapes = [[tuple(t.shape) for t in values[call.node.name]] for values in call.lowering.values]
    wanted = [
        tuple(a if a == b else None for a, b in zip(*pair, strict=True))
        for pair in zip(*shapes, strict=True)
    ]
    return tuple(_expanded(call, each, out) for each, out in zip(held, wanted, strict=True))


@function("expand", "expand_as", "broadcast_to")
def expand(call: Call, input: fx.Node, *_: Any, **__: Any) -> str:
    """Repeat a tensor along axes of length 1 until it has the shape of this node."""
    return _expanded(call, input, call.out())


@function("copy")
def _copy(call: Call, input: fx.Node, src: Any, *_: Any, **__: Any) -> str:
    """Take another tensor's values; what stood there before is gone."""
    if call.is_tensor(src):
        return _expanded(call, src, call.out())
    shape = [1 if length is None else length for length in call.out()]
    held = call.constant(np.full(shape, float(call.value(src)), np.float32), "filled")
    return call.follow_batch(held, call.out()) if None in call.out() else held


def _expanded(call: Call, input: fx.Node, out: Shape) -> str:
    before = (1,) * (len(out) - call.rank(input)) + call.shape(input)
    tensor = call.tensor(input)
    lengths = [1 if length is None else length for length in out]
    if any(a != b for a, b in zip(before, lengths, strict=True) if a is not None):
        tensor = call.emit("Expand", tensor, call.integers(lengths, "lengths"))
    elif len(before) != call.rank(input):
        tensor = call.reshape(tensor, [1 if n is None else n for n in before], "wide")
    if any(length is None and before[axis] is not None for axis, length in enumerate(out)):
        value = call.lowering.values[0][call.node.name]  # of several tensors a tuple
        follows = isinstance(value, torch.Tensor) and out[0] is None
        times = value.shape[0] // BATCHES[0] if follows else 1
        if times > 1:
            # As many rows for every sample, as heads have that are folded into the batch.
            rest = [1 if length is None else length for length in out[1:]]
            each = call.reshape(tensor, [1, 1, *rest], "each")
            wide = call.emit("Expand", each, call.integers([1, times, *(1 for _ in rest)], "times"),
                             part="several")  # fmt: skip
            held = call.follow_batch(wide, (None, times, *out[1:]))
            return call.reshape(held, [-1, *rest])
        return call.follow_batch(tensor, out)
    return tensor


@function("repeat", "tile")
def _repeat(call: Call, input: fx.Node, *repeats: Any, **__: Any) -> str:
    before, out = call.shape(input), call.out()
    wide = (1,) * (len(out) - len(before)) + before
    follows = [a is not None and b is None for a, b in zip(wide, out, strict=True)]
    if any(follows) and any(a != 1 for a, f in zip(wide, follows, strict=True) if f):
        return _repeat_all(call, input, wide, out)
    times = [
        1 if a is None or b is None else b // max(1, a) for a, b in zip(wide, out, strict=True)
    ]
    tensor = call.tensor(input)
    if len(wide) > len(before):
        tensor = call.reshape(tensor, [-1 if n is None else n for n in wide], "wide")
    if any(a is None and b is None for a, b in zip(wide, out, strict=True)):
        sizes = call.lowering.sizes
        first = len(wide) - len(before)
        for axis, length in enumerate(sizes(input)):
            if out[first + axis] is None and sizes(call.node)[first + axis] != length:
                raise ExportError("repeats the samples of the batch")
    if any(n != 1 for n in times):
        tensor = call.emit("Tile", tensor, call.integers(times, "times"))
    return call.follow_batch(tensor, out) if any(follows) else tensor


def _repeat_all(call: Call, input: fx.Node, wide: Shape, out: Shape) -> str:
    """Repeat all that a tensor holds for every sample, one after the other on axis 0.

    Raises:
        ExportError: another axis is repeated too.
    """
    if None in wide or wide[1:] != out[1:]:
        raise ExportError("repeats rows as often as the batch is long")
    lengths = [int(length or 1) for length in wide]
    once = call.reshape(call.tensor(input), [1, *lengths], "once")
    each = call.follow_batch(once, (None, *lengths))
    return call.reshape(each, [-1, *lengths[1:]])


@function("repeat_interleave")
def _repeat_interleave(
    call: Call, input: fx.Node, repeats: Any, dim: Any = None, *_: Any, **__: Any
) -> str:
    if dim is None:
        raise ExportError("repeats without an axis")
    times, axis, shape = int(call.value(repeats)), call.axis(input, dim), list(call.shape(input))
    slim = [-1 if n is None else n for n in shape]
    slim.insert(axis + 1, 1)
    lengths = [1] * len(slim)
    lengths[axis + 1] = times
    tensor = call.reshape(call.tensor(input), slim, "slim")
    tensor = call.emit("Expand", tensor, call.integers(lengths, "lengths"), part="expanded")
    return call.reshape(tensor, [-1 if n is None else n for n in call.out()])
