"""Records what a Python function does with symbolic tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import keras
from keras import tree

from ..._errors import ExportError
from .call import Call
from .symbols import Symbols, symbolic_variables
from .undisturbed import quiet
from .value import Value


def traced(call: Call, function: Callable[..., Any]) -> tuple[Any, list[Value]]:
    """Return the graph of `function` called as `call` says, and the values of its inputs.

    Layers that are called on plain arrays (position embeddings) are recorded too. The model's
    layers are left without a trace of it.

    Raises:
        ExportError: the function needs the numbers themselves, or returns no tensor.
    """
    symbols: dict[int, tuple[Any, Value]] = {}

    def symbol(leaf: Any) -> Any:
        if not isinstance(leaf, Value):
            return leaf
        if id(leaf) not in symbols:
            symbols[id(leaf)] = (keras.KerasTensor(leaf.shape, leaf.dtype), leaf)
        return symbols[id(leaf)][0]

    args, kwargs = tree.map_structure(symbol, (tuple(call.args), dict(call.kwargs)))
    constants: list[tuple[Any, Value]] = []
    held = Symbols(call)
    with (
        _untouched(call.op), quiet(call.op), _eager_layers(call, constants),
        symbolic_variables(held),
    ):  # fmt: skip
        try:
            returned = function(*args, **kwargs)
        except ExportError:
            raise
        except Exception as error:
            text = str(error).strip().splitlines()
            raise ExportError(
                "cannot be traced: it must compute with layers and keras.ops alone "
                f"({type(error).__name__}: {text[0] if text else ''})"
            ) from error
        outputs = [leaf for leaf in tree.flatten(returned) if leaf is not None]
        pairs = [*symbols.values(), *constants, *held.pairs()]
        if not outputs or not all(isinstance(leaf, keras.KerasTensor) for leaf in outputs):
            raise ExportError("returns something that does not depend on its inputs")
        # What is returned unchanged has no operation behind it yet.
        outputs = [t if hasattr(t, "_keras_history") else keras.ops.copy(t) for t in outputs]
        # A loss may leave its targets alone.
        pairs = [pair for pair in pairs if hasattr(pair[0], "_keras_history")]
        graph = keras.Function([pair[0] for pair in pairs], outputs)
    held.settle(graph)
    for operation in graph.operations:
        if not isinstance(operation, keras.layers.Layer):
            operation._defib_traced = True
    return graph, [pair[1] for pair in pairs]


@contextmanager
def _untouched(root: Any) -> Iterator[None]:
    """Drop the nodes that the tracing adds to the layers of `root`."""
    layers = root._flatten_layers() if isinstance(root, keras.layers.Layer) else []
    before = [(part, len(part._inbound_nodes), len(part._outbound_nodes)) for part in layers]
    try:
        yield
    finally:
        for part, inbound, outbound in before:
            del part._inbound_nodes[inbound:]
            del part._outbound_nodes[outbound:]


@contextmanager
def _eager_layers(call: Call, constants: list[tuple[Any, Value]]) -> Iterator[None]:
    """Let layers that get plain arrays answer with symbols too, so that they are recorded."""
    original = keras.layers.Layer.__call__

    def called(layer: Any, *args: Any, **kwargs: Any) -> Any:
        leaves = tree.flatten((args, kwargs))
        if layer.weights and not any(isinstance(leaf, keras.KerasTensor) for leaf in leaves):
            args = tree.map_structure(lambda leaf: _constant(call, leaf, constants), args)
        return original(layer, *args, **kwargs)

    with mock.patch.object(keras.layers.Layer, "__call__", called):
        yield


def _constant(call: Call, leaf: Any, constants: list[tuple[Any, Value]]) -> Any:
    if not hasattr(leaf, "shape") or isinstance(leaf, keras.Variable):
        return leaf
    try:
        value = call.operand(leaf)
    except Exception:  # it has no values: Keras itself is tracing, to find out a shape
        return leaf
    constants.append((keras.KerasTensor(value.shape, value.dtype), value))
    return constants[-1][0]
