"""Walks the graph of a Keras model, nested models and the calls of unknown layers included."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
from keras import tree

from ..._errors import ExportError
from .call import Call
from .lowering import Lowering
from .names import layer_name
from .tables import handler_of, refused
from .trace import traced
from .value import Value


def write(lowering: Lowering, function: Any, inputs: Sequence[Value], prefix: str) -> list[Value]:
    """Write every operation of a keras.Function into the run; return what it returns, flat.

    What cannot be written is noted in `lowering.problems`, and the walk goes on.
    """
    values: dict[int, Value] = {
        id(tensor): value for tensor, value in zip(function.inputs, inputs, strict=True)
    }
    by_depth = function._nodes_by_depth
    for depth in sorted(by_depth, reverse=True):
        for node in by_depth[depth]:
            if node.is_input or all(id(tensor) in values for tensor in node.outputs):
                continue
            args, kwargs = tree.map_structure(
                lambda leaf: values.get(id(leaf), leaf),
                (node.arguments.args, dict(node.arguments.kwargs)),
            )
            if isinstance(function, keras.Model):
                # fit() sets the mode of every layer and overrides the call in the script.
                kwargs.pop("training", None)
            name = _name(lowering, prefix, node.operation)
            call = Call(lowering, node.operation, name, args, kwargs, node.outputs)
            call.masks = _makes_mask(node)
            for tensor, value in zip(node.outputs, run(call), strict=True):
                values[id(tensor)] = value
    return [values[id(tensor)] for tensor in function.outputs]


def run(call: Call) -> list[Value]:
    """Write one call.

    After a failure the values returned name a tensor that is not there, so that the walk continues
    and finds any other problems; the run is then discarded.
    """
    try:
        with _mode(call):
            result = _written(call)
        if len(result) != len(call.outputs):
            raise ExportError(
                f"returns {len(call.outputs)} tensors, of which {len(result)} are known"
            )
        if call.masks:
            raise ExportError("makes a mask; masks cannot be replayed, so pass none on")
    except ExportError as error:
        reason = f" {error}" if str(error) else ""
        call.lowering.problems.append(f"{call.layer}: {type(call.op).__name__}{reason}")
        return [Value(tuple(t.shape), t.dtype, native="?") for t in call.outputs]
    return result


@contextmanager
def _mode(call: Call) -> Iterator[None]:
    """Let `training=` of a call count for all that is inside of it, as Keras does."""
    given, before = call.kwargs.get("training"), call.lowering.training
    if isinstance(given, (bool, int)):
        call.lowering.training = bool(given)
    try:
        yield
    finally:
        call.lowering.training = before


def _told(call: Call, function: Callable[..., Any]) -> Call:
    """Hand the mode to a `call` that takes it: fit() does, whatever the default is."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return call
    if "training" not in names:  # the mode is for the layers inside
        return _with(call, {k: v for k, v in call.kwargs.items() if k != "training"})
    if len(call.args) > names.index("training"):
        return call
    if call.kwargs.get("training") is not None:
        return call
    return _with(call, {**call.kwargs, "training": call.lowering.training})


def _with(call: Call, kwargs: dict[str, Any]) -> Call:
    return call.other(call.op, call.layer, call.args, kwargs, call.outputs)


def expand(call: Call, function: Callable[..., Any]) -> Any:
    """Write a Python function of tensors by the operations that it calls; return what it returns.

    Raises:
        ExportError: it does something other than call layers and keras.ops.
    """
    graph, sources = traced(_told(call, function), function)
    return write(call.lowering, graph, sources, call.layer)


def _plain(op: Any) -> None:
    """Refuse what any layer may have but no run can hold.

    Raises:
        ExportError: its outputs add to the loss, or it computes with weights other than its own.
    """
    if getattr(op, "activity_regularizer", None) is not None:
        raise ExportError("has an activity_regularizer; set it to None before the export")
    if getattr(op, "quantization_mode", None) or getattr(op, "lora_enabled", False):
        raise ExportError("is quantized or has LoRA enabled; export the model before that")


def _makes_mask(node: Any) -> bool:
    """Whether a mask begins here that later layers, and the loss, would use."""
    given = node.arguments.keras_tensors
    return not any(map(_masked, given)) and any(map(_masked, node.outputs))


def _masked(tensor: Any) -> bool:
    return getattr(tensor, "_keras_mask", None) is not None


def _written(call: Call) -> list[Value]:
    op = call.op
    if isinstance(op, keras.layers.Layer):
        _plain(op)
    inner = op._functional if isinstance(op, keras.Sequential) else op
    if hasattr(inner, "_nodes_by_depth"):
        given = [leaf for leaf in tree.flatten(call.args) if isinstance(leaf, Value)]
        return write(call.lowering, inner, given, call.layer)
    handler = handler_of(op)
    if handler is None:
        if not isinstance(op, keras.layers.Layer) or refused(op):
            raise ExportError("")
        return list(call.lowering.expand(call, op.call))
    result = handler(call)
    return list(result) if isinstance(result, (list, tuple)) else [result]


def _name(lowering: Lowering, prefix: str, operation: Any) -> str:
    """Name a call: by the layer, or, inside a traced function, by what it does.

    The numbers that Keras gives to operations count through the whole session; inside a traced
    function they would differ in every export.
    """
    if isinstance(operation, keras.layers.Layer) or not getattr(operation, "_defib_traced", False):
        return layer_name(prefix, operation)
    kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(operation).__name__).lower()
    return lowering.numbered(f"{prefix}/{kind}" if prefix else kind)
