"""Functions that draw random numbers (see `..noise`)."""

from __future__ import annotations

from typing import Any

from torch import fx

from ...._errors import ExportError
from ..call import Call
from ..noise import draw
from ..registry import function, target_name
from .reductions import reduce

#: What draws random numbers; of these the ones with a handler below become data.
RANDOM = (
    "rand", "randn", "randint", "rand_like", "randn_like", "randint_like", "randperm", "normal",
    "bernoulli", "multinomial", "uniform", "exponential", "poisson",
)  # fmt: skip


@function("randint", "randint_like", "randperm", "bernoulli", "multinomial", "poisson")
def _random(call: Call, *_: Any, **__: Any) -> None:
    raise ExportError(
        "draws random numbers, which a replay cannot repeat; make it depend on self.training and "
        "export with mode='eval', or draw them before the model and pass them as a further input"
    )


@function("rand", "randn", "rand_like", "randn_like")
def _plain(call: Call, *_: Any, **__: Any) -> str:
    return _drawn(call)


@function("uniform")
def _uniform(call: Call, _: fx.Node, *given: Any, **named: Any) -> str:
    low = call.value(given[0] if given else named.get("from", 0.0))
    high = call.value(given[1] if len(given) > 1 else named.get("to", 1.0))
    return _scaled(call, _drawn(call), float(high) - float(low), float(low))


@function("exponential")
def _exponential(call: Call, _: fx.Node, lambd: Any = 1.0, **__: Any) -> str:
    return _scaled(call, _drawn(call), 1 / float(call.value(lambd)), 0.0)


@function("normal")
def _normal(call: Call, *given: Any, **named: Any) -> str:
    method = call.node.op == "call_method" or target_name(call.node).endswith("_")
    held = given[1:] if method else given
    mean = held[0] if held else named.get("mean", 0.0)
    std = held[1] if len(held) > 1 else named.get("std", 1.0)
    drawn = _drawn(call)
    scaled = call.emit("Mul", drawn, _still(call, std, "std"), part="scaled")
    return call.emit("Add", scaled, _still(call, mean, "mean"))


def _still(call: Call, argument: Any, part: str) -> str:
    """Name an argument of a normal distribution; PyTorch sends no gradient back to it."""
    held = call.tensor(argument)
    return call.emit("StopGradient", held, part=part) if call.is_tensor(argument) else held


@function("gumbel_softmax")
def _gumbel(
    call: Call, logits: fx.Node, tau: Any = 1, hard: Any = False, eps: float = 1e-10, dim: Any = -1
) -> str:
    """Write (logits + G) / tau through a softmax; G = -log E of exponential numbers E.

    With `hard`, the values of its largest as one and the gradient of the softmax (Jang et al.).
    """
    drawn = draw(call.lowering, "exponential", call.lowering.layers[call.node.name], call.out())
    logarithm = call.emit("Log", drawn, part="log")
    moved = call.emit("Sub", call.tensor(logits), logarithm, part="noisy")
    cooled = call.emit("Div", moved, call.number(float(call.value(tau)), "tau"), part="cooled")
    axis = call.axis(logits, dim)
    soft = call.emit("Softmax", cooled, part="soft" if call.value(hard) else "", axis=axis)
    if not call.value(hard):
        return soft
    largest = reduce(call, "ReduceMax", soft, [axis], True, "largest")
    chosen = call.emit("Cast", call.emit("Equal", soft, largest, part="is"), part="chosen", to=1)
    away = call.emit("Sub", chosen, soft, part="away")
    return call.emit("Add", call.emit("StopGradient", away, part="stopped"), soft)


def _scaled(call: Call, drawn: str, scale: float, offset: float) -> str:
    if scale != 1.0:
        drawn = call.emit("Mul", drawn, call.number(scale, "scale"), part="scaled")
    return drawn if offset == 0.0 else call.emit("Add", drawn, call.number(offset, "offset"))


def _drawn(call: Call) -> str:
    shape = call.out()
    if None in shape[1:]:
        raise ExportError(
            "draws random numbers along the batch on another axis than 0; draw them before the "
            "model and pass them as a further input"
        )
    name = target_name(call.node).removesuffix("_")
    return draw(call.lowering, name, call.lowering.layers[call.node.name], shape)


def is_random(node: fx.Node, name: str) -> bool:
    """Whether a node draws random numbers, so that it must not be folded into a constant."""
    return name.removesuffix("_") in RANDOM or "dropout" in name
