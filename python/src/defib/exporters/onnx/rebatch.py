"""Frees a graph of the batch size that it was exported with.

A model that was exported without dynamic axes holds the size of that one batch in the shapes of
its Reshapes. Where the batch lies in the result follows from the order of the elements: the
lengths before it multiply to the same number on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import onnx
from onnx import numpy_helper

from ..._names import Names
from ..arrays import Array
from .fold import BATCHES, constant_value, fold_at


def rebatch(
    model: onnx.ModelProto,
    feeds: Mapping[str, Sequence[int]],
    known: Callable[[onnx.NodeProto], bool],
    constants: Mapping[str, Array],
) -> None:
    """Let the shapes of all Reshapes follow the batch; changes the model.

    The arguments are those of `fold`.
    """
    declared = _declared(model, feeds)
    held = _constants(model)
    waiting = [
        node
        for node in model.graph.node
        if node.op_type == "Reshape" and len(node.input) == 2 and node.input[1] in held
    ]
    if declared is None or not waiting:
        return
    before = fold_at(declared, model, feeds, known, constants).shapes
    batch = next(size for size in BATCHES if size != declared)
    names = Names()
    for name in {n for node in model.graph.node for n in (*node.input, *node.output)}:
        names.unique(name)
    while waiting:
        after = fold_at(batch, model, feeds, known, constants).shapes
        stale: set[str] = set()  # what lies behind a shape that was let go just now
        left: list[onnx.NodeProto] = []
        for node in model.graph.node:
            if not stale.isdisjoint(node.input):
                stale.update(node.output)
                left += [node] if node in waiting else []
            elif node in waiting and _free(model, node, held, before, after, declared, names):
                stale.update(node.output)
        waiting = left


def _free(
    model: onnx.ModelProto,
    node: onnx.NodeProto,
    held: Mapping[str, Array],
    before: Mapping[str, Sequence[int]],
    after: Mapping[str, Sequence[int]],
    declared: int,
    names: Names,
) -> bool:
    """Let the batch size in the shape of one Reshape go; tell whether there was one."""
    old, new = before.get(node.input[0]), after.get(node.input[0])
    if old is None or new is None:
        return False
    written = [int(n) for n in held[node.input[1]]]
    target = _freed(written, old, new, declared)
    if target is None or (0 in written and _allows_zero(node)):
        return False
    del node.attribute[:]  # allowzero, the only one: a 0 now keeps a length
    name = names.unique(f"{node.input[1]}/any_batch")
    model.graph.initializer.append(numpy_helper.from_array(np.array(target, np.int64), name))
    node.input[1] = name
    return True


def _allows_zero(node: onnx.NodeProto) -> bool:
    return any(attribute.name == "allowzero" and attribute.i for attribute in node.attribute)


def _declared(model: onnx.ModelProto, feeds: Mapping[str, Sequence[int]]) -> int | None:
    """The size of the batch that the inputs declare; None when any fits, or they differ."""
    sizes = set()
    for value in model.graph.input:
        dims = value.type.tensor_type.shape.dim
        if value.name in feeds and dims:
            sizes.add(dims[0].dim_value or None)
    return sizes.pop() if len(sizes) == 1 else None


def _constants(model: onnx.ModelProto) -> dict[str, Array]:
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant" and (array := constant_value(node)) is not None:
            held[node.output[0]] = array
    return held


def _freed(
    target: list[int], old: Sequence[int], new: Sequence[int], declared: int
) -> list[int] | None:
    """Return the target with the length of the batch left open; None when it needs no change."""
    differing = [axis for axis, (a, b) in enumerate(zip(old, new, strict=False)) if a != b]
    if len(differing) != 1 or len(old) != len(new):
        return None
    (axis,) = differing
    filled = [old[i] if n == 0 and i < len(old) else n for i, n in enumerate(target)]
    rest = int(np.prod([n for n in filled if n != -1]))
    if rest <= 0:
        return None
    filled = [int(np.prod(old)) // rest if n == -1 else n for n in filled]
    inner, more = int(np.prod(old[axis + 1 :])), int(old[axis]) // declared
    # Where the axis holds more than the batch, the batch is the outer part of it, or the inner.
    places = [_holding(filled, n, declared, outer=axis == 0) for n in (inner * more, inner)]
    place = next((p for p in places if p is not None and filled[p] == declared), places[0])
    if place is None or target[place] in (0, -1):
        return None
    result = list(target)
    if place == axis and filled[place] == old[axis]:
        result[place] = 0
    elif -1 not in target:
        result[place] = -1
    else:
        result = [-1 if i == place else n for i, n in enumerate(filled)]
    return result


def _holding(lengths: Sequence[int], inner: int, batch: int, *, outer: bool) -> int | None:
    """Find the axis in which the batch lies, when `inner` elements come after each of its steps.

    A batch of 1 fits in several places: an axis of its own comes first, then the outermost or the
    innermost of those that could hold it.
    """
    found: list[int] = []
    own: list[int] = []
    after = 1
    for axis in range(len(lengths) - 1, -1, -1):
        whole = after * lengths[axis]
        if after <= inner and whole >= inner * batch and inner % after == 0:
            found.append(axis)
            if after == inner and lengths[axis] == batch:
                own.append(axis)
        after = whole
    if own:
        return own[-1]
    return (found[-1] if outer and batch == 1 else found[0]) if found else None
