"""Products of matrices."""

from __future__ import annotations

import operator
from typing import Any

from torch import fx, nn

from ...._errors import ExportError
from ...nodes import Named
from ..call import Call
from ..registry import function, module


def linear(
    call: Call, tensor: str, rank: int, weight: str, bias: str | None, part: str = ""
) -> Named:
    """Apply a weight of shape (units, inputs) over the last axis."""
    if rank == 2:
        held = [weight] if bias is None else [weight, bias]
        return call.emit("Gemm", tensor, *held, part=part, transB=1)
    # More axes: a MatMul, because it leaves the samples on axis 0.
    turned = call.transpose(weight, (1, 0), f"{part}/weight" if part else "weight")
    if bias is None:
        return call.emit("MatMul", tensor, turned, part=part)
    product = call.emit("MatMul", tensor, turned, part=f"{part}/product" if part else "product")
    return call.emit("Add", product, bias, part=part)


@function("linear")
def _linear(call: Call, input: fx.Node, weight: Any, bias: Any = None) -> str:
    if call.rank(weight) != 2:
        raise ExportError("has a weight that is not a matrix")
    held = None if bias is None else call.tensor(bias)
    return linear(call, call.tensor(input), call.rank(input), call.tensor(weight), held)


@module(nn.Linear, nn.modules.linear.NonDynamicallyQuantizableLinear)
def _linear_module(call: Call, _: nn.Module, input: fx.Node) -> str:
    return _linear(call, input, call.param("weight"), call.param("bias"))


@function("matmul", "mm", "bmm", "mv", "dot", "vdot", also=(operator.matmul,))
def _matmul(call: Call, input: fx.Node, other: fx.Node) -> str:
    left, right = call.tensor(input), call.tensor(other)
    source = call.lowering.transposes.get(right)
    is_weight = source is not None and source[0] in call.lowering.tensors.values()
    if source is not None and is_weight and source[1] == (1, 0) and call.rank(input) == 2:
        return call.emit("Gemm", left, source[0], transB=1)
    return call.emit("MatMul", left, right)


@function("addmm", "baddbmm")
def _addmm(
    call: Call, input: Any, first: fx.Node, second: fx.Node, *, beta: Any = 1, alpha: Any = 1
) -> str:
    product = call.emit("MatMul", call.tensor(first), call.tensor(second), part="product")
    held = call.tensor(input)
    if alpha != 1:
        product = call.emit("Mul", product, call.tensor(alpha), part="scaled")
    if beta != 1:
        held = call.emit("Mul", held, call.tensor(beta), part="weighted")
    return call.emit("Add", product, held)


@function("outer", "ger")
def _outer(call: Call, input: fx.Node, other: fx.Node) -> str:
    column = call.reshape(call.tensor(input), [-1, 1], "column")
    return call.emit("Mul", column, call.tensor(other))


@function("einsum")
def _einsum(call: Call, equation: str, *operands: Any, path: Any = None) -> str:
    if not isinstance(equation, str):
        raise ExportError("has no equation in words; write it as in torch.einsum('bi,oi->bo', …)")
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    held = [call.tensor(operand) for operand in operands]
    return call.emit("Einsum", *held, equation=equation.replace(" ", ""))
