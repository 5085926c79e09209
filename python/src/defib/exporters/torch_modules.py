"""The modules of torch.nn that have an operator in a run: type -> how to write it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import fx, nn

from .torch_lower import Call

Handler = Callable[[Call, Any, fx.Node], str]


def _plain(op: str) -> Handler:
    return lambda call, _, x: call.emit(op, call.tensor(x))


def _linear(call: Call, module: nn.Linear, x: fx.Node) -> str:
    tensors = call.lowering.tensors
    path = f"{call.node.target}."
    bias = None if module.bias is None else tensors[path + "bias"]
    return call.linear(x, tensors[path + "weight"], bias)


def _leaky_relu(call: Call, module: nn.LeakyReLU, x: fx.Node) -> str:
    return call.emit("LeakyRelu", call.tensor(x), alpha=float(module.negative_slope))


def softmax_axis(axis: int | None, rank: int) -> int:
    """Return the axis, with PyTorch's choice where there is none."""
    if axis is not None:
        return int(axis)
    return 0 if rank in (0, 1, 3) else 1


def _softmax(op: str) -> Handler:
    def handle(call: Call, module: Any, x: fx.Node) -> str:
        return call.emit(op, call.tensor(x), axis=softmax_axis(module.dim, call.rank(x)))

    return handle


def flatten(call: Call, x: fx.Node, start: int, end: int) -> str:
    """Write a Flatten, or a Reshape where ONNX has no Flatten for it."""
    if start == 1 and end in (-1, call.rank(x) - 1) and call.rank(x) >= 2:
        return call.emit("Flatten", call.tensor(x), axis=1)
    return call.reshape(x)


def dropout(call: Call, x: fx.Node, p: float) -> str:
    """Write a Dropout; whether it is at work follows the mode of the run."""
    ratio = call.lowering.document.add_number(p, layer=call.layer, name=f"{call.layer}/ratio")
    return call.emit("Dropout", call.tensor(x), ratio)


MODULES: dict[type[nn.Module], Handler] = {
    nn.Linear: _linear,
    nn.ReLU: _plain("Relu"),
    nn.LeakyReLU: _leaky_relu,
    nn.Sigmoid: _plain("Sigmoid"),
    nn.Tanh: _plain("Tanh"),
    nn.Identity: _plain("Identity"),
    nn.Softmax: _softmax("Softmax"),
    nn.LogSoftmax: _softmax("LogSoftmax"),
    nn.Flatten: lambda call, module, x: flatten(call, x, module.start_dim, module.end_dim),
    nn.Unflatten: lambda call, _, x: call.reshape(x),
    nn.Dropout: lambda call, module, x: dropout(call, x, float(module.p)),
}
