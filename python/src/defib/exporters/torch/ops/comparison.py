"""Comparisons, logic, choices, and changes of the element type."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import fx

from ...._errors import ExportError
from ..call import Call
from ..registry import aten, function

#: The element types of ONNX that a run can be cast to.
FLOAT, INT64, BOOL = 1, 7, 9


def _comparison(op: str, *names: str, also: tuple[Any, ...] = ()) -> None:
    @function(*names, also=also)
    def handle(call: Call, input: Any, other: Any) -> str:
        return call.emit(op, call.tensor(input), call.tensor(other))


_comparison("Equal", "eq", also=(operator.eq,))
_comparison("Greater", "gt", "greater", also=(operator.gt,))
_comparison("Less", "lt", "less", also=(operator.lt,))
_comparison("GreaterOrEqual", "ge", "greater_equal", also=(operator.ge,))
_comparison("LessOrEqual", "le", "less_equal", also=(operator.le,))


@function("ne", "not_equal", also=(operator.ne,))
def _ne(call: Call, input: Any, other: Any) -> str:
    return call.emit("Not", call.emit("Equal", call.tensor(input), call.tensor(other), part="eq"))


def _logic(op: str, *names: str, also: tuple[Any, ...] = ()) -> None:
    @function(*names, also=also)
    def handle(call: Call, input: Any, other: Any) -> str:
        _check_bool(call, input, other)
        return call.emit(op, call.tensor(input), call.tensor(other))


def _check_bool(call: Call, *arguments: Any) -> None:
    for argument in arguments:
        if call.is_tensor(argument) and call.lowering.kind(argument) != torch.bool:
            raise ExportError("computes with bits; compare with 0 first")


_logic("And", "logical_and", "bitwise_and", "__and__", also=(operator.and_, operator.iand))
_logic("Or", "logical_or", "bitwise_or", "__or__", also=(operator.or_, operator.ior))


@function("logical_not", "bitwise_not", also=(operator.invert,))
def _not(call: Call, input: fx.Node) -> str:
    _check_bool(call, input)
    return call.emit("Not", call.tensor(input))


@function("where")
def _where(call: Call, condition: fx.Node, input: Any, other: Any) -> str:
    if call.node.op == "call_method":  # x.where(condition, other)
        condition, input = input, condition
    return call.emit("Where", call.tensor(condition), call.tensor(input), call.tensor(other))


@function("masked_fill")
def _masked_fill(call: Call, input: fx.Node, mask: fx.Node, value: Any) -> str:
    return call.emit("Where", call.tensor(mask), call.tensor(value), call.tensor(input))


@aten("index_put")
def _index_put(
    call: Call, input: fx.Node, indices: Any, values: Any, accumulate: bool = False
) -> str:
    """Put a number wherever a mask is true, as x[mask] = 0 does."""
    masks = [each for each in indices if each is not None]
    whole = len(indices) == 1 and call.lowering.kind(masks[0]) == torch.bool
    if not whole or accumulate or call.rank(values) > 0 or call.rank(masks[0]) > call.rank(input):
        raise ExportError(
            "puts values where indices say; only x[mask] = number can be replayed, or torch.where"
        )
    mask = call.tensor(masks[0])
    behind = call.rank(input) - call.rank(masks[0])
    if behind:
        axes = range(call.rank(masks[0]), call.rank(input))
        mask = call.emit("Unsqueeze", mask, call.integers(axes, "axes"), part="mask")
    return call.emit("Where", mask, call.tensor(values), call.tensor(input))


def cast(call: Call, input: fx.Node) -> str:
    """Change the element type to that of the result; between floats nothing changes."""
    before, after = call.lowering.kind(input), call.lowering.kind(call.node)
    if before == after or (after.is_floating_point and before != torch.bool):
        return call.tensor(input)
    if after.is_complex:
        raise ExportError("computes with complex numbers")
    to = BOOL if after == torch.bool else FLOAT if after.is_floating_point else INT64
    return call.emit("Cast", call.tensor(input), to=to)


@function(
    "float", "double", "half", "bfloat16", "long", "int", "short", "bool", "byte", "to", "type",
    "type_as", "cpu", "cuda", "_to_copy", "to_dtype",
)  # fmt: skip
def _cast(call: Call, input: fx.Node, *_: Any, **__: Any) -> str:
    return cast(call, input)
