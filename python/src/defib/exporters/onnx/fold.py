"""Works out what a graph computes from shapes and constants alone, before any data.

Exported graphs compute the shapes of their Reshapes from the shape of the input. Each such value
is worked out for two sizes of the batch: what differs between them, follows the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference
from onnx.reference import ReferenceEvaluator

from ..arrays import Array
from .prepare import SMALL

#: The two sizes of the batch.
BATCHES = (7, 11)
#: Longer results are not worked out.
LIMIT = 1 << 22

#: What a graph asks of a tensor without looking at its values.
_QUESTIONS = ("Shape", "Size")
_WHOLE = (onnx.TensorProto.INT64, onnx.TensorProto.INT32)


@dataclass
class Folded:
    """What is known for one size of the batch."""

    values: dict[str, Array] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)


def fold(
    model: onnx.ModelProto,
    feeds: Mapping[str, Sequence[int]],
    known: Callable[[onnx.NodeProto], bool],
    constants: Mapping[str, Array],
) -> tuple[Folded, Folded]:
    """Fold what follows from shapes, and what the engine lacks but constants alone determine.

    Args:
        model: A graph in the words of `prepare`.
        feeds: The shape of each input that the data feeds; its first length is the batch.
        known: Whether the engine has the operator of a node.
        constants: Initializers that are not weights.

    Returns:
        The results by tensor, for the two sizes of the batch.
    """
    if not _asks(model) and all(known(node) for node in model.graph.node):
        return Folded(), Folded()
    first, second = (fold_at(batch, model, feeds, known, constants) for batch in BATCHES)
    return first, second


def _asks(model: onnx.ModelProto) -> bool:
    """Whether a graph computes with shapes; one that is a single question is left to the engine."""
    nodes = model.graph.node
    return len(nodes) > 1 and any(node.op_type in _QUESTIONS for node in nodes)


def fold_at(
    batch: int,
    model: onnx.ModelProto,
    feeds: Mapping[str, Sequence[int]],
    known: Callable[[onnx.NodeProto], bool],
    constants: Mapping[str, Array],
) -> Folded:
    """Fold at one size of the batch; the arguments are those of `fold`."""
    feeds = {name: (batch, *shape[1:]) for name, shape in feeds.items()}
    held = dict(constants)
    asked = _QUESTIONS if _asks(model) else ()
    for tensor in model.graph.initializer:
        if tensor.data_type in _WHOLE:
            held[tensor.name] = numpy_helper.to_array(tensor)
    for node in model.graph.node:
        if node.op_type == "Constant" and (array := constant_value(node)) is not None:
            held[node.output[0]] = array
    result, waiting = Folded(), [n for n in model.graph.node if n.op_type != "Constant"]
    progress = True
    while progress:
        result.shapes = infer(model, feeds, result.values)
        progress, left = False, []
        for node in waiting:
            sources = _sources(node, held, result, known, asked)
            found = None if sources is None else _evaluate(model, node, sources)
            if found is None:
                left.append(node)
                continue
            result.values.update(found)
            progress = True
        waiting = left
    return result


def _sources(
    node: onnx.NodeProto,
    held: Mapping[str, Array],
    result: Folded,
    known: Callable[[onnx.NodeProto], bool],
    asked: Sequence[str],
) -> dict[str, Array] | None:
    """Return the inputs of a node that can and should be worked out now; else None."""
    if node.op_type in asked and not node.domain:
        shape = result.shapes.get(node.input[0])
        return None if shape is None else {node.input[0]: np.broadcast_to(np.float32(0), shape)}
    names = [name for name in node.input if name]
    if known(node) and not any(name in result.values for name in names):
        return None
    sources = {name: result.values.get(name, held.get(name)) for name in names}
    if any(value is None for value in sources.values()):
        return None
    return {name: value for name, value in sources.items() if value is not None}


def _evaluate(
    model: onnx.ModelProto, node: onnx.NodeProto, sources: Mapping[str, Array]
) -> dict[str, Array] | None:
    outputs = [name for name in node.output if name]
    if node.op_type == "Expand" and not node.domain:
        data, shape = (sources[name] for name in node.input)
        if data.size and (data == data.flat[0]).all():
            return {outputs[0]: np.full(_expanded(data, shape), data.flat[0])}
    inputs = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
        )
        for name, array in sources.items()
    ]
    results = [onnx.ValueInfoProto(name=name) for name in outputs]
    graph = helper.make_graph([node], "node", inputs, results)
    alone = helper.make_model(graph, opset_imports=model.opset_import)
    try:
        values = ReferenceEvaluator(alone).run(None, dict(sources))
    except Exception:
        return None  # random, unknown to onnx, or it does not fit: it stays, and is listed
    arrays = [np.asarray(value) for value in values]
    if any(array.size > LIMIT or array.dtype.kind not in "biuf" for array in arrays):
        return None
    return dict(zip(outputs, arrays, strict=True))


def _expanded(data: Array, shape: Array) -> tuple[int, ...]:
    """The shape of an Expand; of the same value everywhere, any length expands to any other."""
    lengths = tuple(int(length) for length in shape)
    try:
        return np.broadcast_shapes(data.shape, lengths)
    except ValueError:  # the batch of the export stands in the data
        return lengths


def infer(
    model: onnx.ModelProto, feeds: Mapping[str, Sequence[int]], values: Mapping[str, Array]
) -> dict[str, tuple[int, ...]]:
    """Infer the shapes of all tensors at given shapes of the inputs and values of some tensors."""
    slim = onnx.ModelProto(ir_version=model.ir_version)
    slim.opset_import.extend(model.opset_import)
    graph = slim.graph
    graph.name = "shapes"
    graph.node.extend(n for n in model.graph.node if not any(o in values for o in n.output))
    graph.initializer.extend(model.graph.initializer)
    for value in model.graph.input:
        kind = value.type.tensor_type.elem_type
        if value.name in feeds:
            graph.input.append(helper.make_tensor_value_info(value.name, kind, feeds[value.name]))
        else:
            graph.input.append(value)
    graph.output.extend(onnx.ValueInfoProto(name=value.name) for value in model.graph.output)
    for name, array in values.items():
        if array.size <= SMALL:
            graph.initializer.append(numpy_helper.from_array(array, name))
        else:
            kind = helper.np_dtype_to_tensor_dtype(array.dtype)
            graph.input.append(helper.make_tensor_value_info(name, kind, array.shape))
    try:
        inferred = shape_inference.infer_shapes(slim, strict_mode=False, data_prop=True).graph
    except Exception:
        inferred = graph
    shapes: dict[str, tuple[int, ...]] = {t.name: tuple(t.dims) for t in inferred.initializer}
    for value in (*inferred.input, *inferred.value_info, *inferred.output):
        tensor = value.type.tensor_type
        if tensor.HasField("shape") and all(d.HasField("dim_value") for d in tensor.shape.dim):
            shapes[value.name] = tuple(d.dim_value for d in tensor.shape.dim)
    return shapes


def constant_value(node: onnx.NodeProto) -> Array | None:
    """Return the value of a Constant; None when it is a text or sparse."""
    for attribute in node.attribute:
        value = helper.get_attribute_value(attribute)
        if attribute.name == "value":
            array = numpy_helper.to_array(value)
            return array if array.dtype.kind in "biufV" else None
        if attribute.name in ("value_int", "value_ints"):
            return np.array(value, np.int64)
        if attribute.name in ("value_float", "value_floats"):
            return np.array(value, np.float32)
    return None
