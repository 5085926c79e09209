"""Numbers that follow the size of the batch, as `x.shape[0]` and `x.numel()` do.

Where a script computes with them they become operators that ask a tensor for its shape.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import fx

from ..._errors import ExportError
from .lowering import Lowering
from .registry import target_name

if TYPE_CHECKING:
    from .call import Call

#: Arithmetic of Python on such numbers -> the operator that does the same.
_OPERATORS: dict[Callable[..., Any], str] = {
    operator.add: "Add", operator.sub: "Sub", operator.mul: "Mul", operator.truediv: "Div",
    operator.pow: "Pow", operator.neg: "Neg",
}  # fmt: skip


def follows_batch(lowering: Lowering, node: fx.Node) -> bool:
    """Whether a node is a number that differs between batches of different sizes."""
    first, second = (values.get(node.name) for values in lowering.values)
    return _is_number(first) and first != second


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def written_size(call: Call, node: fx.Node) -> str:
    """Write a number that follows the batch.

    Raises:
        ExportError: it is not made of the sizes of tensors by plain arithmetic.
    """
    lowering = call.lowering
    if node in lowering.names:
        return str(lowering.names[node])
    if node.op == "call_function" and node.target in _OPERATORS:
        parts = [call.tensor(argument) for argument in node.args]
        written: str = call.emit(_OPERATORS[node.target], *parts, part="size")
    elif node.op == "call_function" and node.target is operator.floordiv:
        parts = [call.tensor(argument) for argument in node.args]
        quotient = call.emit("Div", *parts, part="size/quotient")
        written = call.emit("Floor", quotient, part="size")
    else:
        written = _asked(call, node)
    lowering.names[node] = written
    return written


def _asked(call: Call, node: fx.Node) -> str:
    """Write what a script asks a tensor for: the length of an axis, or all of its elements."""
    name, arguments = target_name(node), list(node.args)
    source = arguments[0] if arguments else None
    if name in ("numel", "sym_numel") and isinstance(source, fx.Node):
        return call.emit("Size", call.tensor(source), part="elements")
    if name in ("size", "sym_size") and len(arguments) > 1:
        return length_of(call, call.tensor(source), call.axis(source, arguments[1]))
    if name == "getitem" and isinstance(source, fx.Node) and isinstance(arguments[1], int):
        held = source.args[0] if source.args else None
        whole = target_name(source) in ("size", "getattr") and len(source.args) in (1, 2)
        if whole and isinstance(held, fx.Node) and call.is_tensor(held):
            return length_of(call, call.tensor(held), call.axis(held, arguments[1]))
    if name == "len" and isinstance(source, fx.Node) and call.is_tensor(source):
        return length_of(call, call.tensor(source), 0)
    if name in ("float", "int", "sym_float", "sym_int") and isinstance(source, fx.Node):
        return call.tensor(source)
    raise ExportError("computes with the size of the batch")


def length_of(call: Call, tensor: str, axis: int) -> str:
    """Write the length of an axis of a tensor of the run, as a number."""
    held = call.emit("Shape", tensor, part="shape", start=axis, end=axis + 1)
    return call.emit("Squeeze", held, call.integers([0], "shape/axes"), part="length")
