"""Lets a loss that was written with functions of TensorFlow be traced: keras.ops has the same."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import keras

#: Function of TensorFlow, as scripts write it -> function of keras.ops.
_NAMES = {
    "abs": "abs", "add": "add", "cast": "cast", "constant": "convert_to_tensor",
    "convert_to_tensor": "convert_to_tensor", "divide": "divide", "equal": "equal", "exp": "exp",
    "expand_dims": "expand_dims", "gather": "take", "greater": "greater",
    "greater_equal": "greater_equal", "less": "less", "less_equal": "less_equal",
    "matmul": "matmul", "maximum": "maximum", "minimum": "minimum", "multiply": "multiply",
    "negative": "negative", "not_equal": "not_equal", "one_hot": "one_hot",
    "ones_like": "ones_like", "pow": "power", "reduce_max": "max", "reduce_mean": "mean",
    "reduce_min": "min", "reduce_sum": "sum", "reshape": "reshape", "round": "round",
    "sigmoid": "sigmoid", "sign": "sign", "sqrt": "sqrt", "square": "square", "squeeze": "squeeze",
    "stop_gradient": "stop_gradient", "subtract": "subtract", "tanh": "tanh",
    "transpose": "transpose", "where": "where", "zeros_like": "zeros_like",
    "math.abs": "abs", "math.add": "add", "math.divide": "divide", "math.exp": "exp",
    "math.log": "log", "math.log1p": "log1p", "math.maximum": "maximum",
    "math.minimum": "minimum", "math.multiply": "multiply", "math.pow": "power",
    "math.reduce_logsumexp": "logsumexp", "math.reduce_max": "max", "math.reduce_mean": "mean",
    "math.reduce_min": "min", "math.reduce_std": "std", "math.reduce_sum": "sum",
    "math.reduce_variance": "var", "math.sigmoid": "sigmoid", "math.softplus": "softplus",
    "math.sqrt": "sqrt", "math.square": "square", "math.squared_difference": "square_difference",
    "math.subtract": "subtract", "math.tanh": "tanh", "nn.elu": "elu", "nn.log_softmax":
    "log_softmax", "nn.relu": "relu", "nn.sigmoid": "sigmoid", "nn.softmax": "softmax",
    "nn.softplus": "softplus", "nn.tanh": "tanh", "linalg.matmul": "matmul",
}  # fmt: skip


class _Shim:
    """Stands for `tf`, or a part of it, while a loss is traced."""

    def __init__(self, real: Any, prefix: str = "") -> None:
        self._real, self._prefix = real, prefix

    def __getattr__(self, name: str) -> Any:
        path = f"{self._prefix}{name}"
        if path in ("math", "nn", "linalg"):
            return _Shim(getattr(self._real, name), f"{path}.")
        real = getattr(self._real, name)
        if path == "clip_by_value":
            return _clip
        if path in ("math.squared_difference", "squared_difference"):
            return lambda x, y, **_: keras.ops.square(keras.ops.subtract(x, y))
        own = getattr(keras.ops, _NAMES.get(path, ""), None)
        return real if own is None else _translated(own)


def _clip(t: Any, clip_value_min: Any, clip_value_max: Any, **_: Any) -> Any:
    return keras.ops.clip(t, clip_value_min, clip_value_max)


def _translated(own: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function of keras.ops the names that arguments have in TensorFlow."""

    def call(*arguments: Any, **named: Any) -> Any:
        named.pop("name", None)
        for theirs, ours in (("keep_dims", "keepdims"), ("input_tensor", "x"), ("perm", "axes")):
            if theirs in named:
                named[ours] = named.pop(theirs)
        if "dtype" in named:
            named["dtype"] = _kind(named["dtype"])
        return own(*[_kind(argument) for argument in arguments], **named)

    return call


def _kind(value: Any) -> Any:
    """Return the name of an element type of TensorFlow; anything else as it is."""
    is_type = type(value).__name__ == "DType"
    return value.name if is_type else value


@contextmanager
def with_keras_names(function: Callable[..., Any]) -> Iterator[None]:
    """Let a function, and those of its module, find keras.ops where they look for TensorFlow."""
    table = getattr(inspect.unwrap(function), "__globals__", {})
    if str(table.get("__name__", "")).startswith("keras."):
        yield
        return
    found = {
        name: _Shim(value)
        for name, value in table.items()
        if getattr(value, "__name__", "") == "tensorflow" and inspect.ismodule(value)
    }
    with mock.patch.dict(table, found):
        yield
