"""Expresses without the size of the batch what a graph computes with it."""

from __future__ import annotations

import numpy as np
import onnx

from ..arrays import Array

_ELEMENTWISE = (
    "Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max",
    "Mean", "Min", "Mul", "Or", "Pow", "Sub", "Sum", "Where", "Xor",
)  # fmt: skip
_NOTHING: Array = np.zeros(0, np.float32)

Shapes = tuple[tuple[int, ...], tuple[int, ...]]


def independent(
    node: onnx.NodeProto, position: int, first: Array, second: Array, shapes: Shapes
) -> Array | None:
    """Return one array that means the same at an input of a node under every size of the batch.

    Args:
        node: The node that reads the value.
        position: At which of its inputs.
        first: The value for one size of the batch.
        second: The value for another size.
        shapes: The shapes of the node's first input, for the two sizes.

    Returns:
        The array; an empty one when the input can be left out; None when there is none.
    """
    if node.op_type == "Reshape" and position == 1:
        return _reshape(first, second, shapes)
    if node.op_type == "Expand" and position == 1:
        return _expand(first, second, shapes)
    if is_zero_state(node, position, first) and is_zero_state(node, position, second):
        return _NOTHING
    if node.op_type in _ELEMENTWISE and first.ndim == second.ndim:
        return _narrow(first, second)
    return None


def is_zero_state(node: onnx.NodeProto, position: int, value: Array | None) -> bool:
    """Whether an input is the state with which a recurrence starts anyway."""
    starts = node.op_type in ("RNN", "LSTM", "GRU") and position in (5, 6)
    return starts and value is not None and not value.any()


def _reshape(first: Array, second: Array, shapes: Shapes) -> Array | None:
    if first.shape != second.shape:
        return None
    result = first.astype(np.int64)
    pairs = list(zip(shapes, (first, second), strict=True))
    (differing,) = np.nonzero(first != second)
    for axis in differing:
        if all(len(s) > axis and s[axis] == v[axis] for s, v in pairs):
            result[axis] = 0
        elif (result == -1).any():
            return None
        else:
            result[axis] = -1
    return result


def _expand(first: Array, second: Array, shapes: Shapes) -> Array | None:
    """An axis that already has its length needs no expansion: 1 leaves it alone."""
    if first.shape != second.shape:
        return None
    result = first.astype(np.int64)
    pairs = list(zip(shapes, (first, second), strict=True))
    (differing,) = np.nonzero(first != second)
    for axis in differing:
        back = int(axis) - len(first)
        if any(len(s) < -back or s[back] != v[axis] for s, v in pairs):
            return None
        result[axis] = 1
    return result


def _narrow(first: Array, second: Array) -> Array | None:
    """Keep one slice along each axis that follows the batch, if all slices are alike."""
    for axis, (a, b) in enumerate(zip(first.shape, second.shape, strict=True)):
        if a != b:
            one = first.take([0], axis=axis) if a else None
            if one is None or not (first == one).all() or not (second == one).all():
                return None
            first = second = one
    return first if np.array_equal(first, second) else None
