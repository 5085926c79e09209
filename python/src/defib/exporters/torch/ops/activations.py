"""Activation functions: as functions, methods and modules."""

from __future__ import annotations

from typing import Any

from torch import fx, nn

from ...._errors import ExportError
from ..call import Call
from ..registry import Handler, aten, function, module


def _plain(op: str, *names: str, kind: type[nn.Module] | None = None) -> None:
    def handle(call: Call, input: fx.Node, inplace: bool = False) -> str:
        return call.emit(op, call.tensor(input))

    function(*names)(handle)
    if kind is not None:
        module(kind)(lambda call, _, input: handle(call, input))


_plain("Relu", "relu", kind=nn.ReLU)
_plain("Sigmoid", "sigmoid", kind=nn.Sigmoid)
_plain("Tanh", "tanh", kind=nn.Tanh)
_plain("Selu", "selu", kind=nn.SELU)
_plain("Softsign", "softsign", kind=nn.Softsign)
_plain("HardSwish", "hardswish", kind=nn.Hardswish)
_plain("Mish", "mish", kind=nn.Mish)
_plain("Swish", "silu", kind=nn.SiLU)
_plain("Identity", "_identity", kind=nn.Identity)


@function("leaky_relu")
def _leaky_relu(
    call: Call, input: fx.Node, negative_slope: float = 0.01, inplace: bool = False
) -> str:
    return call.emit("LeakyRelu", call.tensor(input), alpha=float(call.value(negative_slope)))


@function("elu")
def _elu(
    call: Call,
    input: fx.Node,
    alpha: float = 1.0,
    inplace: bool | float = False,
    input_scale: float = 1.0,
) -> str:
    return call.emit("Elu", call.tensor(input), alpha=float(call.value(alpha)))


@function("celu")
def _celu(call: Call, input: fx.Node, alpha: float = 1.0, inplace: bool = False) -> str:
    return call.emit("Celu", call.tensor(input), alpha=float(call.value(alpha)))


@function("gelu")
def _gelu(call: Call, input: fx.Node, approximate: str = "none") -> str:
    return call.emit("Gelu", call.tensor(input), approximate=approximate)


@function("softplus")
def _softplus(call: Call, input: fx.Node, beta: float = 1.0, threshold: float = 20.0) -> str:
    # Beyond PyTorch's threshold (20) both forms agree within float32.
    beta, x = float(call.value(beta)), call.tensor(input)
    if beta == 1:
        return call.emit("Softplus", x)
    scaled = call.emit("Mul", x, call.number(beta), part="scaled")
    return call.emit("Div", call.emit("Softplus", scaled, part="soft"), call.number(beta))


@function("logsigmoid", "log_sigmoid")
def _logsigmoid(call: Call, input: fx.Node) -> str:
    negated = call.emit("Neg", call.tensor(input), part="negated")
    return call.emit("Neg", call.emit("Softplus", negated, part="softplus"))


@function("hardsigmoid")
def _hardsigmoid(call: Call, input: fx.Node, inplace: bool = False) -> str:
    return call.emit("HardSigmoid", call.tensor(input), alpha=1 / 6, beta=0.5)


@function("hardtanh")
def _hardtanh(
    call: Call, input: fx.Node, min_val: float = -1, max_val: float = 1, inplace: bool = False
) -> str:
    low, high = call.number(float(min_val)), call.number(float(max_val))
    return call.emit("Clip", call.tensor(input), low, high)


@function("relu6")
def _relu6(call: Call, input: fx.Node, inplace: bool = False) -> str:
    return _hardtanh(call, input, 0, 6)


@function("threshold")
def _threshold(
    call: Call, input: fx.Node, threshold: float, value: float, inplace: bool = False
) -> str:
    x = call.tensor(input)
    if value == 0:
        return call.emit("ThresholdedRelu", x, alpha=float(threshold))
    above = call.emit("Greater", x, call.number(float(threshold)), part="above")
    return call.emit("Where", above, x, call.number(float(value)))


@function("hardshrink")
def _hardshrink(call: Call, input: fx.Node, lambd: float = 0.5) -> str:
    x = call.tensor(input)
    size = call.emit("Abs", x, part="size")
    outside = call.emit("Greater", size, call.number(float(lambd)), part="outside")
    return call.emit("Where", outside, x, call.number(0))


@function("softshrink")
def _softshrink(call: Call, input: fx.Node, lambd: float = 0.5) -> str:
    x, low, high = call.tensor(input), call.number(-float(lambd)), call.number(float(lambd))
    return call.emit("Sub", x, call.emit("Clip", x, low, high, part="inside"))


@function("tanhshrink")
def _tanhshrink(call: Call, input: fx.Node) -> str:
    x = call.tensor(input)
    return call.emit("Sub", x, call.emit("Tanh", x, part="tanh"))


@function("rrelu")
def _rrelu(
    call: Call,
    input: fx.Node,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: Any = False,
) -> str:
    """Take the mean of the random slopes, as PyTorch does in evaluation."""
    return call.emit("LeakyRelu", call.tensor(input), alpha=(float(lower) + float(upper)) / 2)


@function("prelu")
def _prelu(call: Call, input: fx.Node, weight: Any) -> str:
    slope, rank = call.tensor(weight), call.rank(input)
    (slopes,) = call.shape(weight) or (1,)
    if slopes != 1 and rank > 2:  # one slope per channel, which is axis 1
        slope = call.reshape(slope, [-1, *[1] * (rank - 2)], "slopes")
    return call.emit("PRelu", call.tensor(input), slope)


@function("glu")
def _glu(call: Call, input: fx.Node, dim: int = -1) -> str:
    axis = call.axis(input, dim)
    length = call.shape(input)[axis]
    if length is None:
        raise ExportError("splits the batch")
    half = call.integers([length // 2] * 2, "halves")
    value, gate = call.emit_several(
        "Split", call.tensor(input), half, parts=("value", "gate"), part="split", axis=axis
    )
    return call.emit("Mul", value, call.emit("Sigmoid", gate, part="open"))


def _softmax_axis(axis: int | None, rank: int) -> int:
    """Return the axis, with PyTorch's choice where there is none."""
    if axis is not None:
        return int(axis)
    return 0 if rank in (0, 1, 3) else 1


def _softmax(op: str, *names: str) -> Handler:
    def handle(
        call: Call,
        input: fx.Node,
        dim: int | None = None,
        _stacklevel: Any = 3,
        dtype: Any = None,
    ) -> str:
        axis = _softmax_axis(call.value(dim), call.rank(input))
        return call.emit(op, call.tensor(input), axis=axis)

    return function(*names)(handle)


_soft = _softmax("Softmax", "softmax")
_log_soft = _softmax("LogSoftmax", "log_softmax")


@function("softmin")
def _softmin(call: Call, input: fx.Node, dim: int | None = None, *_: Any) -> str:
    axis = _softmax_axis(call.value(dim), call.rank(input))
    return call.emit("Softmax", call.emit("Neg", call.tensor(input), part="negated"), axis=axis)


aten("_softmax")(lambda call, input, dim, half: _soft(call, input, dim))
aten("_log_softmax")(lambda call, input, dim, half: _log_soft(call, input, dim))

#: module -> (handler, the attributes that are its arguments)
_MODULES: dict[type[nn.Module], tuple[Handler, tuple[str, ...]]] = {
    nn.LeakyReLU: (_leaky_relu, ("negative_slope",)),
    nn.ELU: (_elu, ("alpha",)),
    nn.CELU: (_celu, ("alpha",)),
    nn.GELU: (_gelu, ("approximate",)),
    nn.Softplus: (_softplus, ("beta", "threshold")),
    nn.LogSigmoid: (_logsigmoid, ()),
    nn.Hardsigmoid: (_hardsigmoid, ()),
    nn.Hardtanh: (_hardtanh, ("min_val", "max_val")),
    nn.ReLU6: (_relu6, ()),
    nn.Threshold: (_threshold, ("threshold", "value")),
    nn.Hardshrink: (_hardshrink, ("lambd",)),
    nn.Softshrink: (_softshrink, ("lambd",)),
    nn.Tanhshrink: (_tanhshrink, ()),
    nn.RReLU: (_rrelu, ("lower", "upper")),
    nn.GLU: (_glu, ("dim",)),
    nn.Softmax: (_soft, ("dim",)),
    nn.LogSoftmax: (_log_soft, ("dim",)),
    nn.Softmin: (_softmin, ("dim",)),
}


def _from_attributes(handler: Handler, attributes: tuple[str, ...]) -> Handler:
    def handle(call: Call, owner: nn.Module, input: fx.Node) -> Any:
        return handler(call, input, *(getattr(owner, name) for name in attributes))

    return handle


for _kind, (_handler, _attributes) in _MODULES.items():
    module(_kind)(_from_attributes(_handler, _attributes))

module(nn.PReLU)(lambda call, _, input: _prelu(call, input, call.param("weight")))
module(nn.Softmax2d)(lambda call, _, input: _soft(call, input, -3))
