"""Functions and tensor methods that have an operator in a run: target -> how to write it.

A handler takes the arguments of the PyTorch function under their own names; fx nodes stand for
tensors. It returns the name of the tensor that it wrote.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import fx
from torch.nn import functional as F  # noqa: N812

from .._errors import ExportError
from .torch_lower import Call
from .torch_modules import dropout, flatten, softmax_axis

# ruff: noqa: A002, ARG001 - the arguments are named as in PyTorch, and some do not matter here

Handler = Callable[..., str]


def _plain(op: str) -> Handler:
    def handle(call: Call, input: fx.Node, inplace: bool = False) -> str:
        return call.emit(op, call.tensor(input))

    return handle


def _leaky_relu(
    call: Call, input: fx.Node, negative_slope: float = 0.01, inplace: bool = False
) -> str:
    return call.emit("LeakyRelu", call.tensor(input), alpha=float(negative_slope))


def _softmax(op: str) -> Handler:
    def handle(
        call: Call,
        input: fx.Node,
        dim: int | None = None,
        _stacklevel: int = 3,
        dtype: Any = None,
    ) -> str:
        if dtype is not None:
            raise ExportError("gives dtype; leave it out")
        axis = softmax_axis(call.lowering.value(dim), call.rank(input))
        return call.emit(op, call.tensor(input), axis=axis)

    return handle


def _linear(call: Call, input: fx.Node, weight: fx.Node, bias: fx.Node | None = None) -> str:
    held = None if bias is None else call.tensor(bias)
    if call.rank(weight) != 2:
        raise ExportError("has a weight that is no matrix")
    return call.linear(input, call.tensor(weight), held)


def _dropout(
    call: Call, input: fx.Node, p: float = 0.5, training: Any = True, inplace: bool = False
) -> str:
    if not call.lowering.value(training):
        return call.tensor(input)
    return dropout(call, input, float(p))


def _flatten(call: Call, input: fx.Node, start_dim: int = 0, end_dim: int = -1) -> str:
    return flatten(call, input, int(start_dim), int(end_dim))


def _reshape(call: Call, input: fx.Node, *_: Any, **__: Any) -> str:
    return call.reshape(input)


def _same(call: Call, input: fx.Node, *_: Any, **__: Any) -> str:
    return call.tensor(input)


def _arithmetic(op: str) -> Handler:
    def handle(call: Call, input: Any, other: Any, *, alpha: float = 1) -> str:
        right = call.tensor(other)
        if alpha != 1:
            right = call.emit("Mul", right, call.number(alpha), name=f"{call.layer}/scaled")
        return call.emit(op, call.tensor(input), right)

    return handle


def _divide(call: Call, input: Any, other: Any) -> str:
    if call.is_tensor(other):
        raise ExportError("divides by a tensor; only division by a number can be replayed")
    divisor = float(call.lowering.value(other))
    if divisor == 0:
        raise ExportError("divides by zero")
    return call.emit("Mul", call.tensor(input), call.number(1 / divisor))


def _negate(call: Call, input: fx.Node) -> str:
    return call.emit("Mul", call.tensor(input), call.number(-1))


def _matmul(call: Call, input: fx.Node, other: fx.Node) -> str:
    weight = call.lowering.transposed.get(other)
    if weight is not None and call.rank(input) == 2:
        return call.emit("Gemm", call.tensor(input), weight, transB=1)
    return call.emit("MatMul", call.tensor(input), call.tensor(other))


def _transpose(call: Call, input: fx.Node, *_: Any) -> str:
    name = call.lowering.names.get(input)
    if name is None or name not in call.lowering.tensors.values() or call.rank(input) != 2:
        raise ExportError("transposes a tensor; only a parameter in a product can be replayed")
    call.lowering.transposed[call.node] = name
    return ""


def _attribute(call: Call, input: fx.Node, name: str) -> str:
    if name == "T":
        return _transpose(call, input)
    raise ExportError(f"reads .{name} of a tensor")


_RELU, _SIGMOID, _TANH = _plain("Relu"), _plain("Sigmoid"), _plain("Tanh")
_SOFTMAX, _LOG_SOFTMAX = _softmax("Softmax"), _softmax("LogSoftmax")
_ADD, _SUB, _MUL = _arithmetic("Add"), _arithmetic("Sub"), _arithmetic("Mul")

FUNCTIONS: dict[Any, Handler] = {
    torch.relu: _RELU, F.relu: _RELU,
    torch.sigmoid: _SIGMOID, F.sigmoid: _SIGMOID,
    torch.tanh: _TANH, F.tanh: _TANH,
    F.leaky_relu: _leaky_relu,
    torch.softmax: _SOFTMAX, F.softmax: _SOFTMAX,
    torch.log_softmax: _LOG_SOFTMAX, F.log_softmax: _LOG_SOFTMAX,
    F.linear: _linear,
    F.dropout: _dropout,
    torch.flatten: _flatten,
    torch.reshape: _reshape, torch.squeeze: _reshape, torch.unsqueeze: _reshape,
    operator.add: _ADD, operator.iadd: _ADD, torch.add: _ADD,
    operator.sub: _SUB, operator.isub: _SUB, torch.sub: _SUB,
    operator.mul: _MUL, operator.imul: _MUL, torch.mul: _MUL,
    operator.truediv: _divide, operator.itruediv: _divide, torch.div: _divide,
    operator.neg: _negate, torch.neg: _negate,
    operator.matmul: _matmul, torch.matmul: _matmul, torch.mm: _matmul,
    torch.t: _transpose,
    getattr: _attribute,
}  # fmt: skip

METHODS: dict[str, Handler] = {
    "relu": _RELU, "sigmoid": _SIGMOID, "tanh": _TANH,
    "relu_": _RELU, "sigmoid_": _SIGMOID, "tanh_": _TANH,
    "softmax": _SOFTMAX, "log_softmax": _LOG_SOFTMAX,
    "flatten": _flatten, "view": _reshape, "reshape": _reshape, "unflatten": _reshape,
    "squeeze": _reshape, "unsqueeze": _reshape, "view_as": _reshape,
    "add": _ADD, "add_": _ADD, "sub": _SUB, "sub_": _SUB, "mul": _MUL, "mul_": _MUL,
    "div": _divide, "neg": _negate, "matmul": _matmul, "mm": _matmul,
    "t": _transpose,
    "contiguous": _same, "clone": _same, "float": _same,
}  # fmt: skip

#: What changes its first argument: later users of that argument see the result.
IN_PLACE = {operator.iadd, operator.isub, operator.imul, operator.itruediv,
            "relu_", "sigmoid_", "tanh_", "add_", "sub_", "mul_"}  # fmt: skip
