"""Lets variables take part in a traced function, so that what they alone give is recorded too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import keras
from keras import tree
from keras.src import ops as own_ops
from keras.src.backend.common.stateless_scope import in_stateless_scope

from .call import Call
from .value import Value

#: operator of Python -> function of keras.ops
_OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "matmul": "matmul",
    "pow": "power", "gt": "greater", "ge": "greater_equal", "lt": "less", "le": "less_equal",
}  # fmt: skip
_REFLECTED = ("add", "sub", "mul", "truediv", "matmul", "pow")

#: functions that need more than the numbers of a tensor
_LEFT_ALONE = {
    "shape", "size", "ndim", "dtype", "is_tensor", "convert_to_numpy", "cond", "switch", "scan",
    "while_loop", "fori_loop", "map", "associative_scan", "vectorized_map", "custom_gradient",
}  # fmt: skip


class Symbols:
    """The tensors that stand for variables in one traced function."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._held: dict[int, tuple[Any, Any, Value]] = {}

    def of(self, leaf: Any) -> Any:
        """Return the symbol of a variable of the model; anything else as it is."""
        if not isinstance(leaf, keras.Variable) or id(leaf) not in self._call.lowering.names:
            return leaf
        if "float" not in str(leaf.dtype) or in_stateless_scope():
            return leaf
        if id(leaf) not in self._held:
            shape, kind = tuple(leaf.shape), str(leaf.dtype)
            symbol = keras.KerasTensor(shape, kind)
            self._held[id(leaf)] = (leaf, symbol, Value(shape, kind, batched=False))
        return self._held[id(leaf)][1]

    def within(self, given: Any) -> Any:
        """Replace the variables of a structure."""
        if in_stateless_scope():  # Keras itself is at work, to find out a shape
            return given
        return tree.map_structure(self.of, given)

    def pairs(self) -> list[tuple[Any, Value]]:
        """Return symbols and values."""
        return [(symbol, value) for _, symbol, value in self._held.values()]

    def settle(self, graph: Any) -> None:
        """Add the parameters of the variables that the graph uses, and no others."""
        nodes = [node for nodes in graph._nodes_by_depth.values() for node in nodes]
        used = {id(t) for node in nodes for t in node.arguments.keras_tensors}
        used |= {id(tensor) for tensor in graph.outputs}
        for variable, symbol, value in self._held.values():
            if id(symbol) in used:
                value.native = self._call.weight(variable)


@contextmanager
def symbolic_variables(symbols: Symbols) -> Iterator[None]:
    """Let functions of keras.ops and operators of Python see symbols in place of variables."""
    modules = [vars(keras.ops), vars(own_ops)]
    before = [dict(module) for module in modules]
    operators = {f"__{key}__": _operator(symbols, key, name) for key, name in _OPERATORS.items()}
    operators |= {
        f"__r{key}__": _operator(symbols, key, _OPERATORS[key], reflected=True)
        for key in _REFLECTED
    }
    operators["__neg__"] = _unary(symbols, "__neg__", lambda symbol: -symbol)
    operators["__getitem__"] = _unary(symbols, "__getitem__", _item)
    try:
        for module in modules:
            for name, function in list(module.items()):
                if type(function).__name__ == "function" and name not in _LEFT_ALONE:
                    module[name] = _seeing(symbols, function)
        with mock.patch.multiple(keras.Variable, **operators):
            yield
    finally:
        for module, held in zip(modules, before, strict=True):
            module.update(held)


def _seeing(symbols: Symbols, function: Callable[..., Any]) -> Callable[..., Any]:
    def called(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = symbols.within((args, kwargs))
        return function(*args, **kwargs)

    return called


def _operator(symbols: Symbols, key: str, name: str, *, reflected: bool = False) -> Any:
    original = getattr(keras.Variable, f"__{'r' if reflected else ''}{key}__")
    function = getattr(own_ops, name)

    def operator(variable: Any, other: Any) -> Any:
        pair = symbols.of(variable), symbols.of(other)
        if not any(isinstance(item, keras.KerasTensor) for item in pair):
            return original(variable, other)
        return function(*(pair[::-1] if reflected else pair))

    return operator


def _item(symbol: Any, key: Any) -> Any:
    return symbol[key if isinstance(key, (int, tuple, list)) else (key,)]


def _unary(symbols: Symbols, name: str, function: Callable[..., Any]) -> Any:
    original = getattr(keras.Variable, name)

    def operator(variable: Any, *given: Any) -> Any:
        symbol = symbols.of(variable)
        if symbol is variable:
            return original(variable, *given)
        return function(symbol, *given)

    return operator
