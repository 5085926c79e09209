"""Activation functions: of layers by their names, and the layers and operations of those names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras

from ...._errors import ExportError
from ...nodes import NodeWriter
from ..call import Call
from ..value import Value

Settings = Mapping[str, Any]
#: The last operator of an activation has the name of the writer.
Activation = Callable[[NodeWriter, str, Settings], str]


def _one(op: str, **attributes: Any) -> Activation:
    return lambda write, x, _: write.emit(op, x, **attributes)


def _alpha(op: str, key: str, default: float, attribute: str = "alpha") -> Activation:
    def activation(write: NodeWriter, x: str, settings: Settings) -> str:
        attributes: dict[str, Any] = {attribute: float(settings.get(key, default))}
        return write.emit(op, x, **attributes)

    return activation


def relu(write: NodeWriter, x: str, settings: Settings) -> str:
    """`max_value`, `negative_slope` and `threshold` as keras.layers.ReLU has them."""
    slope = float(settings.get("negative_slope") or 0.0)
    threshold = float(settings.get("threshold") or 0.0)
    top = settings.get("max_value")
    if slope and threshold:
        raise ExportError("has a negative_slope and a threshold; one of them must be 0")
    if top is not None and not slope and not threshold:
        return write.emit("Clip", x, write.number(0.0, "min"), write.number(float(top), "max"))
    part = "" if top is None else "unbounded"
    if threshold:
        held = write.emit("ThresholdedRelu", x, part=part, alpha=threshold)
    elif slope:
        held = write.emit("LeakyRelu", x, part=part, alpha=slope)
    else:
        held = write.emit("Relu", x, part=part)
    return held if top is None else write.emit("Clip", held, "", write.number(float(top), "max"))


def _clip(low: float, high: float) -> Activation:
    return lambda write, x, _: write.emit(
        "Clip", x, write.number(low, "min"), write.number(high, "max")
    )


def _gelu(write: NodeWriter, x: str, settings: Settings) -> str:
    return write.emit("Gelu", x, approximate="tanh" if settings.get("approximate") else "none")


def _log_sigmoid(write: NodeWriter, x: str, _: Settings) -> str:
    minus = write.emit("Neg", x, part="negated")
    return write.emit("Neg", write.emit("Softplus", minus, part="softplus"))


def _tanh_shrink(write: NodeWriter, x: str, _: Settings) -> str:
    return write.emit("Sub", x, write.emit("Tanh", x, part="tanh"))


def _squareplus(write: NodeWriter, x: str, settings: Settings) -> str:
    square = write.emit("Mul", x, x, part="square")
    root = write.emit(
        "Sqrt",
        write.emit("Add", square, write.number(float(settings.get("b", 4)), "b"), part="sum"),
        part="root",
    )
    return write.emit("Mul", write.emit("Add", x, root, part="both"), write.number(0.5, "half"))


#: snake-case name of the function -> how to write it
ACTIVATIONS: dict[str, Activation] = {
    "relu": relu,
    "relu6": _clip(0.0, 6.0),
    "leaky_relu": _alpha("LeakyRelu", "negative_slope", 0.2),
    "elu": _alpha("Elu", "alpha", 1.0),
    "celu": _alpha("Celu", "alpha", 1.0),
    "selu": _one("Selu"),
    "gelu": _gelu,
    "silu": _one("Swish"),
    "hard_silu": _one("HardSwish"),
    "sigmoid": _one("Sigmoid"),
    "hard_sigmoid": _one("HardSigmoid", alpha=1 / 6, beta=0.5),
    "log_sigmoid": _log_sigmoid,
    "tanh": _one("Tanh"),
    "hard_tanh": _clip(-1.0, 1.0),
    "tanh_shrink": _tanh_shrink,
    "softplus": _one("Softplus"),
    "softsign": _one("Softsign"),
    "squareplus": _squareplus,
    "exponential": _one("Exp"),
    "mish": _one("Mish"),
}


def softmax(call: Call, value: Value, axis: Any, *, part: str = "", op: str = "Softmax") -> Value:
    """Write a Softmax or a LogSoftmax along an axis of Keras.

    Raises:
        ExportError: there are several axes.
    """
    if isinstance(axis, (list, tuple)) and len(axis) == 1:
        (axis,) = axis
    if not isinstance(axis, int):
        raise ExportError(f"has axis {axis}; expected a single axis")
    axis = value.axis(axis)
    last = axis == value.rank - 1
    if last and value.first:
        result = call.value_first(call.emit(op, value.first, part=part, axis=1), value.shape)
    else:
        result = call.value(call.emit(op, call.native(value), part=part, axis=axis), value.shape)
    if last and op == "Softmax":
        result.logits = ("softmax", value)
    return result


def apply(call: Call, value: Value, kind: str, settings: Settings, part: str = "") -> Value:
    """Write the activation `kind` with its settings; `kind` is one of ACTIVATIONS."""
    tensor, is_first = call.plain(value)
    written = ACTIVATIONS[kind](call.within(part), tensor, settings)
    result = call.wrap(written, is_first, value.shape)
    if kind == "sigmoid":
        result.logits = ("sigmoid", value)
    return result


def activate(call: Call, value: Value, function: Any, *, part: str = "") -> Value:
    """Write the activation of a layer: a function of Keras, a layer, or any other function.

    Without `part` the operator is named as the layer itself.
    """
    if function is None or function is keras.activations.linear:
        return value
    settings: Settings = {}
    if isinstance(function, partial) and not function.args:
        settings, function = function.keywords, function.func
    kind = str(getattr(function, "__name__", ""))
    if not isinstance(function, keras.layers.Layer) and _is_keras(function):
        if kind in ("softmax", "log_softmax"):
            op = "Softmax" if kind == "softmax" else "LogSoftmax"
            return softmax(call, value, settings.get("axis", -1), part=part, op=op)
        if kind in ACTIVATIONS:
            return apply(call, value, kind, settings, part)
    inner = call.other(function, call.layer, (value,), {}, call.outputs)
    written = call.lowering.expand(inner, function)
    result: Value = written[0]
    return result


def _is_keras(function: Any) -> bool:
    return str(getattr(function, "__module__", "")).startswith("keras.src.activations")
