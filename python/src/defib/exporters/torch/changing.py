"""A tensor that is changed in place, whole or a part of it: later users see the result."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import fx

from ..._errors import ExportError
from .call import Call
from .lowering import Lowering
from .registry import in_place, target_name

#: What gives another view of the same memory.
_VIEWS = frozenset(
    {"view", "reshape", "getitem", "transpose", "permute", "t", "squeeze", "unsqueeze", "flatten",
     "expand", "narrow", "select", "slice", "chunk", "split", "unbind", "getattr", "unflatten"}
)  # fmt: skip
#: "To the end", whatever the length.
END = 2**63 - 1
_PART = "changes a part of another tensor in place; write y = f(y) instead"


def follow(lowering: Lowering, node: fx.Node) -> None:
    """Note that a node is a view, or give later users of what it changes the result.

    Raises:
        ExportError: it changes a part of a tensor that is used later, and not by a plain slice.
    """
    first = node.args[0] if node.args else None
    if not isinstance(first, fx.Node):
        return
    value = lowering.values[0].get(first.name)
    if target_name(node) in _VIEWS and isinstance(value, (torch.Tensor, tuple, list)):
        lowering.views[node] = first
    if not in_place(node, lowering.root):
        return
    chain, order = [first], {n: i for i, n in enumerate(lowering.graph.nodes)}
    while chain[-1] in lowering.views:
        chain.append(lowering.views[chain[-1]])
    used = [base for base in chain[1:] if any(order[user] > order[node] for user in base.users)]
    if used:
        _put_back(lowering, node, chain[: chain.index(used[-1]) + 1])
    if node in lowering.names:
        lowering.names[first] = lowering.names[node]
        lowering.constants.pop(first, None)


def _put_back(lowering: Lowering, node: fx.Node, chain: Sequence[fx.Node]) -> None:
    """Write every tensor that the changed one is a part of anew, with the part in its place."""
    call = Call(lowering, node)
    value = call.tensor(node)
    for number, (child, parent) in enumerate(pairwise(chain)):
        value = _with_part(call, child, parent, value, f"whole/{number}")
        lowering.names[parent] = value
        lowering.constants.pop(parent, None)
        lowering.fills.pop(parent, None)
    lowering.names[node] = lowering.names.get(node) or call.tensor(node)


def _with_part(call: Call, child: fx.Node, parent: fx.Node, value: str, part: str) -> str:
    """Write a tensor in which one axis, from a place to another, is another tensor."""
    axis, start, stop, is_slim = _place(call, child, parent)
    if not is_slim and not start and (stop is None or stop >= END):
        return value
    length = call.shape(parent)[axis]
    if length is None:
        raise ExportError(_PART)
    start, stop, _ = slice(start, stop).indices(length)
    if is_slim:
        value = call.emit("Unsqueeze", value, call.integers([axis], f"{part}/axis"),
                          part=f"{part}/slim")  # fmt: skip
    whole = call.tensor(parent)
    pieces: list[str] = []
    for name, first, last in (("before", 0, start), ("after", stop, length)):
        if first < last:
            pieces.append(call.emit(
                "Slice", whole, call.integers([first], f"{part}/{name}/start"),
                call.integers([last], f"{part}/{name}/end"),
                call.integers([axis], f"{part}/{name}/axis"), part=f"{part}/{name}",
            ))  # fmt: skip
    if start > 0:
        pieces.insert(1, value)
    else:
        pieces.insert(0, value)
    return pieces[0] if len(pieces) == 1 else call.emit("Concat", *pieces, part=part, axis=axis)


def _place(call: Call, child: fx.Node, parent: fx.Node) -> tuple[int, Any, Any, bool]:
    """Return the axis, the start and the stop of a part, and whether it lacks that axis.

    Raises:
        ExportError: it is another kind of part.
    """
    name, args = target_name(child), dict(enumerate(child.args[1:]))
    if name == "select":
        axis, index = call.axis(parent, args[0]), int(call.value(args[1]))
        return axis, index, index + 1 or None, True
    if name == "narrow":
        start = int(call.value(args[1]))
        return call.axis(parent, args[0]), start, start + int(call.value(args[2])), False
    if name == "slice" and args.get(3, 1) == 1:
        start, stop = call.value(args.get(1)), call.value(args.get(2))
        return call.axis(parent, args.get(0, 0)), start, stop, False
    if child.target is operator.getitem and call.is_tensor(parent):
        items = child.args[1] if isinstance(child.args[1], tuple) else (child.args[1],)
        if Ellipsis in items:
            at = items.index(Ellipsis)
            wide = (slice(None),) * (call.rank(parent) - len(items) + 1)
            items = (*items[:at], *wide, *items[at + 1 :])
        chosen = [(a, item) for a, item in enumerate(items) if item != slice(None)]
        if not chosen:
            return 0, None, None, False
        if len(chosen) == 1:
            axis, item = chosen[0]
            if isinstance(item, slice) and item.step in (None, 1):
                return axis, call.value(item.start), call.value(item.stop), False
            if isinstance(item, int):
                return axis, item, item + 1 or None, True
    raise ExportError(_PART)
