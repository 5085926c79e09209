"""Dropout of every kind. A replay treats it as the identity; its ratio is there for the rules."""

from __future__ import annotations

from typing import Any

from torch import fx, nn

from ..call import Call
from ..registry import NAMED_MODULES, aten, function, module


def dropout(call: Call, tensor: str, p: float, part: str = "") -> str:
    """Write a Dropout; whether it is at work follows the mode of the run."""
    return call.emit("Dropout", tensor, call.number(p, "ratio"), part=part)


@function(
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout",
    "feature_dropout",
)  # fmt: skip
def _dropout(
    call: Call, input: fx.Node, p: float = 0.5, training: Any = True, inplace: bool = False
) -> str:
    if not call.value(training):
        return call.tensor(input)
    return dropout(call, call.tensor(input), float(call.value(p)))


@aten("native_dropout")
def _native(call: Call, input: fx.Node, p: float, train: Any) -> Any:
    return _dropout(call, input, p, train), None


@module(
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout
)
def _module(call: Call, owner: Any, input: fx.Node) -> str:
    if not owner.training:
        return call.emit("Identity", call.tensor(input))
    return dropout(call, call.tensor(input), float(owner.p))


def _identity(call: Call, owner: Any, input: fx.Node) -> str:
    return call.emit("Identity", call.tensor(input))


#: torchvision's and timm's: they leave out whole branches.
NAMED_MODULES.update({"StochasticDepth": _identity, "DropPath": _identity})
