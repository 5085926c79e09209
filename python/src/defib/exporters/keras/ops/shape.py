"""Operations of keras.ops that move numbers and leave them as they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...._errors import ExportError
from ..call import Call
from ..layers.merge import joined
from ..value import Shape, Value
from .reduce import axes_of

Handler = Callable[[Call], Any]

_END = 2**31 - 1


def target(before: Shape, after: Shape) -> list[int]:
    """Return the shape for a Reshape.

    Raises:
        ExportError: more than one length follows the data.
    """
    shape = [-1 if length is None else int(length) for length in after]
    same = before[:1] == after[:1] == (None,) and None not in (*before[1:], *after[1:])
    if same and math.prod(_lengths(before)) == math.prod(_lengths(after)):
        shape[0] = 0
    if shape.count(-1) > 1:
        raise ExportError("has more than one unknown length; give the input a fixed shape")
    return shape


def _lengths(shape: Shape) -> list[int]:
    return [int(length or 1) for length in shape[1:]]


def reshape(call: Call) -> Value:
    """keras.ops.reshape, squeeze and expand_dims."""
    value = call.given()
    return call.value(call.reshape(call.native(value), target(value.shape, call.shape)))


def squeeze(call: Call) -> Value:
    """keras.ops.squeeze."""
    value = call.given()
    if call.op.axis is None:
        axes = [i for i, length in enumerate(value.shape) if length == 1]
    else:
        axes = axes_of(value, call.op.axis)
    return call.value(call.emit("Squeeze", call.native(value), call.integers(axes, "axes")))


def expand_dims(call: Call) -> Value:
    """keras.ops.expand_dims."""
    value, axis = call.given(), call.op.axis
    axes = [int(a) % len(call.shape) for a in (axis if isinstance(axis, (list, tuple)) else [axis])]
    return call.value(call.emit("Unsqueeze", call.native(value), call.integers(axes, "axes")))


def _transposed(call: Call, value: Value, order: list[int]) -> Value:
    return call.value(call.emit("Transpose", call.native(value), perm=order))


def transpose(call: Call) -> Value:
    """keras.ops.transpose."""
    value, axes = call.given(), call.op.axes
    order = axes_of(value, axes) if axes is not None else list(range(value.rank))[::-1]
    return _transposed(call, value, order)


def swapaxes(call: Call) -> Value:
    """keras.ops.swapaxes."""
    value = call.given()
    order = list(range(value.rank))
    a, b = value.axis(call.op.axis1), value.axis(call.op.axis2)
    order[a], order[b] = b, a
    return _transposed(call, value, order)


def moveaxis(call: Call) -> Value:
    """keras.ops.moveaxis."""
    value = call.given()
    # An array whose axes are as long as they are numbered shows where each of them goes.
    moved = np.moveaxis(np.empty(range(1, value.rank + 1)), call.op.source, call.op.destination)
    return _transposed(call, value, [length - 1 for length in moved.shape])


def concatenate(call: Call) -> Value:
    """keras.ops.concatenate."""
    given = call.args[0] if call.args else call.kwargs["xs"]
    values = [call.operand(item) for item in given]
    return joined(call, values, values[0].axis(int(call.op.axis or 0)))


def stack(call: Call) -> Value:
    """keras.ops.stack."""
    given = call.args[0] if call.args else call.kwargs["x"]
    values = [call.operand(item) for item in given]
    axis = int(call.op.axis) % len(call.shape)
    axes = call.integers([axis], "axes")
    parts = [
        call.emit("Unsqueeze", call.native(value), axes, part=f"part{i}")
        for i, value in enumerate(values)
    ]
    return call.value(call.emit("Concat", *parts, axis=axis))


def split(call: Call) -> list[Value]:
    """keras.ops.split into equal parts or at indices."""
    value, axis = call.given(), int(call.op.axis)
    sizes = [output.shape[value.axis(axis)] for output in call.outputs]
    if None in sizes:
        raise ExportError("splits an axis of unknown length")
    parts = call.emit_several(
        "Split", call.native(value), call.integers([int(s or 0) for s in sizes], "sizes"),
        parts=[f"part{i}" for i in range(len(sizes))], axis=value.axis(axis),
    )  # fmt: skip
    return [
        call.value(part, tuple(output.shape))
        for part, output in zip(parts, call.outputs, strict=True)
    ]


def get_item(call: Call) -> Value:
    """`x[…]` with numbers, slices, None and the three dots."""
    value, key = call.given(), call.argument(1, "key")
    items = list(key) if isinstance(key, (list, tuple)) else [key]
    if Ellipsis not in items:
        items.append(Ellipsis)
    taken = sum(item is not None and item is not Ellipsis for item in items)
    where = items.index(Ellipsis)
    items[where : where + 1] = [slice(None)] * (value.rank - taken)
    starts, ends, axes, steps = [], [], [], []
    gone: list[int] = []
    new: list[int] = []
    axis = position = 0
    for item in items:
        if item is None:
            new.append(position)
            position += 1
            continue
        if isinstance(item, slice):
            step = 1 if item.step is None else int(item.step)
            if (item.start, item.stop, step) != (None, None, 1):
                low, high = (0, _END) if step > 0 else (_END, -_END)
                starts.append(low if item.start is None else int(item.start))
                ends.append(high if item.stop is None else int(item.stop))
                axes.append(axis)
                steps.append(step)
            position += 1
        elif isinstance(item, (int, np.integer)):
            starts.append(int(item))
            ends.append(int(item) + 1 if int(item) != -1 else _END)
            axes.append(axis)
            steps.append(1)
            gone.append(axis)
        else:
            raise ExportError(f"takes items by {item!r}; only numbers and slices can be replayed")
        axis += 1
    tensor = call.native(value)
    changes = [kind for kind, needed in (("s", axes), ("g", gone), ("n", new)) if needed]
    if not changes:
        return call.value(call.emit("Identity", tensor))
    if axes:
        held = [("starts", starts), ("ends", ends), ("axes", axes), ("steps", steps)]
        tensor = call.emit(
            "Slice", tensor, *(call.integers(numbers, name) for name, numbers in held),
            part="" if changes[-1] == "s" else "slice",
        )  # fmt: skip
    if gone:
        part = "" if changes[-1] == "g" else "squeezed"
        tensor = call.emit("Squeeze", tensor, call.integers(gone, "gone"), part=part)
    if new:
        tensor = call.emit("Unsqueeze", tensor, call.integers(new, "new"))
    return call.value(tensor)


def flip(call: Call) -> Value:
    """keras.ops.flip."""
    value = call.given()
    axes = axes_of(value, call.op.axis)
    lists = {
        "starts": [-1] * len(axes), "ends": [-_END] * len(axes), "axes": axes,
        "steps": [-1] * len(axes),
    }  # fmt: skip
    held = [call.integers(numbers, name) for name, numbers in lists.items()]
    return call.value(call.emit("Slice", call.native(value), *held))


def tile(call: Call) -> Value:
    """keras.ops.tile."""
    value, repeats = call.given(), call.op.repeats
    numbers = [repeats] if isinstance(repeats, int) else list(repeats)
    if len(numbers) > value.rank:
        raise ExportError("has more repeats than its tensor has axes; use expand_dims first")
    numbers = [1] * (value.rank - len(numbers)) + [int(n) for n in numbers]
    return call.value(call.emit("Tile", call.native(value), call.integers(numbers, "repeats")))


def broadcast_to(call: Call) -> Value:
    """keras.ops.broadcast_to; a length of the batch stays what it is."""
    value = call.given()
    shape = [1 if length is None else int(length) for length in call.shape]
    return call.value(call.emit("Expand", call.native(value), call.integers(shape, "shape")))


def pad(call: Call) -> Value:
    """keras.ops.pad with a constant."""
    if call.op.mode != "constant":
        raise ExportError(f"has mode {call.op.mode!r}; only 'constant' can be replayed")
    value, pairs = call.given(), [tuple(pair) for pair in call.op.pad_width]
    pairs = pairs * value.rank if len(pairs) == 1 else pairs
    pads = [int(before) for before, _ in pairs] + [int(after) for _, after in pairs]
    held = [call.native(value), call.integers(pads, "pads")]
    fill = call.argument(1, "constant_values")
    if fill:
        held.append(call.number(float(fill), "fill"))
    return call.value(call.emit("Pad", *held))


def take(call: Call) -> Value:
    """keras.ops.take along one axis."""
    value, indices = call.given(), call.operand(call.argument(1, "indices"), "indices")
    if call.op.axis is None:
        raise ExportError("has no axis; pass one")
    return call.value(
        call.emit(
            "Gather", call.native(value), call.native(indices), axis=value.axis(int(call.op.axis))
        )
    )


def cumsum(call: Call) -> Value:
    """keras.ops.cumsum along one axis."""
    value = call.given()
    if call.op.axis is None:
        raise ExportError("has no axis; pass one")
    axis = call.integer(value.axis(int(call.op.axis)), "axis")
    return call.value(call.emit("CumSum", call.native(value), axis))


SHAPES: dict[str, Handler] = {
    "Reshape": reshape, "Squeeze": squeeze, "ExpandDims": expand_dims, "Transpose": transpose,
    "Swapaxes": swapaxes, "Moveaxis": moveaxis, "Concatenate": concatenate, "Stack": stack,
    "Split": split, "GetItem": get_item, "Flip": flip, "Tile": tile, "BroadcastTo": broadcast_to,
    "Pad": pad, "Take": take, "Cumsum": cumsum,
}  # fmt: skip
