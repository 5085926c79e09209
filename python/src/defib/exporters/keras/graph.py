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
            kwargs |= _masks(lowering, node, values, prefix)
            if _masked_in_a_list(node):
                kwargs["mask"] = True
            name = _name(lowering, prefix, node.operation)
            call = Call(lowering, node.operation, name, args, kwargs, node.outputs)
            for tensor, value in zip(node.outputs, run(call), strict=True):
                values[id(tensor)] = value
    return [values[id(tensor)] for tensor in function.outputs]


def _masks(
    lowering: Lowering, node: Any, values: dict[int, Value], prefix: str
) -> dict[str, Value]:
    """Return the masks that an attention takes from its arguments, which no graph shows.

    Raises:
        ExportError: a mask is made in a way that cannot be followed.
    """
    if not isinstance(node.operation, keras.layers.Layer):
        return {}
    found = {}
    taken = inspect.signature(node.operation.call).parameters
    for argument, tensor in zip(taken, node.arguments.args, strict=False):
        name = f"{argument}_mask"
        if name in taken and name not in node.arguments.kwargs and masked(tensor):
            found[name] = _followed(lowering, tensor._keras_mask, values, prefix)
    return found


def _masked_in_a_list(node: Any) -> bool:
    """Whether a layer takes masks from tensors that it is given in a list, as Attention does."""
    op = node.operation
    if not isinstance(op, keras.layers.Layer) or type(op).__name__ in _MASKED:
        return False
    given = node.arguments
    takes = "mask" in inspect.signature(op.call).parameters and "mask" not in given.kwargs
    return takes and any(map(masked, tree.flatten(given.args)))


def _followed(lowering: Lowering, mask: Any, values: dict[int, Value], prefix: str) -> Value:
    """Write what a mask is made of, where that stands in no graph."""
    if id(mask) not in values:
        history = mask._keras_history
        node = history.operation._inbound_nodes[history.node_index]
        args, kwargs = tree.map_structure(
            lambda leaf: _followed(lowering, leaf, values, prefix)
            if isinstance(leaf, keras.KerasTensor) else leaf,
            (node.arguments.args, dict(node.arguments.kwargs)),
        )  # fmt: skip
        name = lowering.numbered(f"{prefix}/mask" if prefix else "mask")
        call = Call(lowering, node.operation, name, args, kwargs, node.outputs)
        for tensor, value in zip(node.outputs, run(call), strict=True):
            values[id(tensor)] = value
    return values[id(mask)]


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


#: Layers that do with a mask what a run can do.
_MASKED = ("SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional", "GlobalAveragePooling1D")


def _refuse_mask(call: Call) -> None:
    """Refuse a mask that a layer would use in a way of its own.

    Raises:
        ExportError: it is called with one.
    """
    known = any(kind.__name__ in _MASKED for kind in type(call.op).__mro__)
    if call.kwargs.get("mask") is not None and not known:
        raise ExportError("is called with a mask, which cannot be replayed there")


def masked(tensor: Any) -> bool:
    """Whether a tensor of Keras carries a mask on."""
    return getattr(tensor, "_keras_mask", None) is not None


def _written(call: Call) -> list[Value]:
    op = call.op
    if isinstance(op, keras.layers.Layer):
        _plain(op)
        _refuse_mask(call)
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
