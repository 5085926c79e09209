"""Parts of tensors: slices, indices, rows of tables."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import torch
from torch import fx

from ...._errors import ExportError
from ..call import Call
from ..changing import END
from ..registry import aten, function, target_name


class _Parts:
    """Collects what an index asks for, and writes it in few operators."""

    def __init__(self, call: Call, tensor: str, rank: int) -> None:
        self.call = call
        self.tensor = tensor
        self.rank = rank
        # Below a transpose, so that axis 0 may stay the sample.
        below = call.lowering.transposes.get(tensor)
        self.source, order = below or (tensor, tuple(range(rank)))
        self.order = list(order)
        self.slices: list[tuple[int, int, int, int]] = []
        self.picks: list[tuple[int, int]] = []

    def slice(self, axis: int, start: int, stop: int, step: int) -> None:
        """Keep a range of an axis."""
        if (start, stop, step) != (0, END, 1):
            self.slices.append((self.order[axis], start, stop, step))

    def pick(self, axis: int, index: int) -> None:
        """Keep one index of an axis, which goes away."""
        self.picks.append((axis, index))

    def write(self) -> str:
        """Write the operators; return the result."""
        call, tensor = self.call, self.source
        if self.slices:
            axes, starts, ends, steps = zip(*sorted(self.slices), strict=True)
            tensor = call.emit(
                "Slice", tensor, call.integers(starts, "starts"), call.integers(ends, "ends"),
                call.integers(axes, "axes"), call.integers(steps, "steps"),
            )  # fmt: skip
        taken = sorted(((self.order[axis], index) for axis, index in self.picks), reverse=True)
        for axis, index in taken:
            tensor = call.emit("Gather", tensor, call.integer(index, "index"), axis=axis)
        gone = [axis for axis, _ in self.picks]
        left = [axis for i, axis in enumerate(self.order) if i not in gone]
        return call.transpose(tensor, [sorted(left).index(axis) for axis in left])


@function("select")
def _select(call: Call, input: fx.Node, dim: int, index: int) -> str:
    parts = _Parts(call, call.tensor(input), call.rank(input))
    parts.pick(call.axis(input, dim), int(call.value(index)))
    return parts.write()


@function("narrow")
def _narrow(call: Call, input: fx.Node, dim: int, start: int, length: int) -> str:
    parts = _Parts(call, call.tensor(input), call.rank(input))
    first = int(call.value(start))
    parts.slice(call.axis(input, dim), first, first + int(call.value(length)), 1)
    return parts.write()


@aten("slice")
def _slice(
    call: Call, input: fx.Node, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> str:
    parts = _Parts(call, call.tensor(input), call.rank(input))
    parts.slice(call.axis(input, dim), *_bounds(call, slice(start, end, step)))
    return parts.write()


def _bounds(call: Call, part: slice) -> tuple[int, int, int]:
    start, stop, step = (call.value(bound) for bound in (part.start, part.stop, part.step))
    step = 1 if step is None else int(step)
    if step < 1:
        raise ExportError("steps backwards")
    return int(start or 0), END if stop is None else int(stop), step


def _expand_ellipsis(items: Sequence[Any], rank: int) -> list[Any]:
    used = sum(item is not None and item is not Ellipsis for item in items)
    result: list[Any] = []
    for item in items:
        result.extend([slice(None)] * (rank - used) if item is Ellipsis else [item])
    return result


@function(also=(operator.getitem,))
def _getitem(call: Call, input: fx.Node, index: Any) -> Any:
    if not call.is_tensor(input):
        return call.lowering.names[input][call.value(index)]
    items = list(index) if isinstance(index, tuple) else [index]
    items = _expand_ellipsis(items, call.rank(input))
    parts = _Parts(call, call.tensor(input), call.rank(input))
    tables: list[tuple[int, Any]] = []
    axis = 0
    for item in items:
        if item is None:
            continue
        if isinstance(item, slice):
            parts.slice(axis, *_bounds(call, item))
        elif isinstance(item, (list, torch.Tensor)) or call.is_tensor(item):
            tables.append((axis, item))
        else:
            parts.pick(axis, int(call.value(item)))
        axis += 1
    if len(tables) > 1:
        return _of_each(call, input, items, tables)
    tensor = parts.write()
    if tables:
        axis = tables[0][0] - sum(gone < tables[0][0] for gone, _ in parts.picks)
        tensor = gather(call, tensor, tables[0][1], axis)
    if any(item is None for item in items):
        target = [-1 if length is None else length for length in call.out()]
        if target and target[0] == -1:
            target[0] = 0 if items[0] is not None and not parts.picks else -1
        tensor = call.reshape(tensor, target)
    return tensor


def _of_each(call: Call, input: fx.Node, items: Sequence[Any], tables: Sequence[Any]) -> str:
    """Pick one place of axis 1 for each sample, as x[arange(N), lengths - 1] does."""
    (first, rows), (second, places) = tables[0], tables[1]
    plain = all(item == slice(None) for item in items[2:])
    counted = len(tables) == 2 and (first, second) == (0, 1) and plain and _counts(call, rows)
    if counted and places in call.lowering.constants:
        return _columns(call, input, call.lowering.constants[places])
    if not counted or call.shape(rows) != (None,) or call.shape(places) != (None,):
        raise ExportError(
            "is indexed by several tensors at once; only x[arange(N), places] can be replayed, "
            "or torch.gather"
        )
    shape = call.shape(input)
    column = call.emit(
        "Unsqueeze", call.tensor(places), call.integers(range(1, len(shape)), "axes"),
        part="column",
    )  # fmt: skip
    if len(shape) > 2:
        lengths = [1, 1, *(int(length or 1) for length in shape[2:])]
        column = call.emit("Expand", column, call.integers(lengths, "lengths"), part="wide")
    picked = call.emit("GatherElements", call.tensor(input), column, part="picked", axis=1)
    return call.emit("Squeeze", picked, call.integers([1], "gone"))


def _columns(call: Call, input: fx.Node, places: torch.Tensor) -> str:
    """Pick the same places of axis 1 for every sample, in the shape in which both meet."""
    picked = call.emit(
        "Gather", call.tensor(input), call.integers(places.reshape(-1).tolist(), "places"),
        part="picked", axis=1,
    )  # fmt: skip
    shape = call.out()
    if shape[0] is not None or None in shape[1:]:
        raise ExportError("is indexed so that samples move off the first axis")
    return call.reshape(picked, [0, *[int(length or 1) for length in shape[1:]]])


#: What changes the shape of an index, and not the order of its elements.
_RESHAPES = frozenset({"view", "reshape", "unsqueeze", "slice", "to", "_to_copy", "long", "alias"})


def _widens(node: fx.Node) -> bool:
    """Whether an index only adds axes, as [:, None] does."""
    if target_name(node) != "getitem":
        return False
    index = node.args[1]
    items = index if isinstance(index, tuple) else (index,)
    return all(item is None or item is Ellipsis or item == slice(None) for item in items)


def _counts(call: Call, rows: Any) -> bool:
    """Whether an index counts the samples of the batch from 0, in whatever shape."""
    if not isinstance(rows, fx.Node) or call.shape(rows)[:1] != (None,):
        return False
    if any(length != 1 for length in call.shape(rows)[1:]):
        return False
    while (target_name(rows) in _RESHAPES or _widens(rows)) and isinstance(rows.args[0], fx.Node):
        if call.lowering.sizes(rows.args[0])[:1] != call.lowering.sizes(rows)[:1]:
            return False
        rows = rows.args[0]
    held = [argument for argument in rows.args if not isinstance(argument, torch.device)]
    return target_name(rows) == "arange" and (len(held) == 1 or bool(held[0] == 0))


def gather(call: Call, tensor: str, index: Any, axis: int) -> str:
    """Pick the slices of an axis that a list or a tensor of integers names."""
    if isinstance(index, (list, tuple)):
        values = call.value(list(index))
        if any(isinstance(value, (bool, list)) for value in values):
            raise ExportError("is indexed by a list that is not of integers")
        return call.emit("Gather", tensor, call.integers(values, "indices"), axis=axis)
    if call.lowering.kind(index) == torch.bool:
        raise ExportError("is indexed by a mask, so its shape depends on the data")
    return call.emit("Gather", tensor, call.tensor(index), axis=axis)


@function("diff")
def _diff(
    call: Call, input: fx.Node, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None
) -> str:
    axis, tensor = call.axis(input, dim), call.tensor(input)
    parts = [call.tensor(each) for each in (prepend, append) if each is not None]
    if parts:
        held = [tensor, parts[-1]] if prepend is None else [parts[0], tensor, *parts[1:]]
        tensor = call.emit("Concat", *held, part="whole", axis=axis)
    for step in range(int(call.value(n))):
        part = f"step{step}"
        held = [
            call.emit(
                "Slice", tensor, call.integers([first], f"{part}/{name}/start"),
                call.integers([last], f"{part}/{name}/end"), call.integers([axis], f"{part}/axis"),
                part=f"{part}/{name}",
            )
            for name, first, last in (("later", 1, END), ("sooner", 0, -1))
        ]  # fmt: skip
        tensor = call.emit("Sub", *held, part="" if step + 1 == n else part)
    return tensor


@aten("index")
def _index(call: Call, input: fx.Node, indices: Sequence[Any]) -> str:
    held = [(axis, item) for axis, item in enumerate(indices) if item is not None]
    if len(held) > 1:
        items = [slice(None) if item is None else item for item in indices]
        return _of_each(call, input, items, held)
    return gather(call, call.tensor(input), held[0][1], held[0][0])


@function("index_select")
def _index_select(call: Call, input: fx.Node, dim: int, index: fx.Node) -> str:
    return gather(call, call.tensor(input), index, call.axis(input, dim))


@function("gather", "take_along_dim")
def _gather(call: Call, input: fx.Node, dim: Any, index: Any, sparse_grad: bool = False) -> str:
    if call.is_tensor(dim):  # take_along_dim(input, indices, dim)
        dim, index = index, dim
    axis = call.axis(input, dim)
    return call.emit("GatherElements", call.tensor(input), call.tensor(index), axis=axis)


@function("flip", "fliplr", "flipud")
def _flip(call: Call, input: fx.Node, *dims: Any) -> str:
    values = call.value(list(dims))
    axes = list(values[0]) if values and isinstance(values[0], list) else values
    if not axes:
        axes = [1 if str(getattr(call.node.target, "__name__", "")).endswith("lr") else 0]
    axes = [axis % call.rank(input) for axis in axes]
    numbers = [[-1] * len(axes), [-END] * len(axes), axes, [-1] * len(axes)]
    held = [
        call.integers(values, part)
        for values, part in zip(numbers, ("starts", "ends", "axes", "steps"), strict=True)
    ]
    return call.emit("Slice", call.tensor(input), *held)


@function("roll")
def _roll(call: Call, input: fx.Node, shifts: Any, dims: Any = None) -> str:
    shifts, dims = call.value(shifts), call.value(dims)
    if dims is None or dims == []:
        raise ExportError("rolls over all axes at once")
    pairs = zip(*([v] if isinstance(v, int) else v for v in (shifts, dims)), strict=True)
    tensor = call.tensor(input)
    for shift, dim in pairs:
        axis = call.axis(input, dim)
        length = call.shape(input)[axis]
        if length is None:
            raise ExportError("rolls the samples of the batch")
        shift %= length
        if shift == 0:
            continue
        sizes = call.integers([length - shift, shift], "sizes")
        head, tail = call.emit_several(
            "Split", tensor, sizes, parts=("head", "tail"), part="cut", axis=axis
        )
        tensor = call.emit("Concat", tail, head, axis=axis)
    return tensor
