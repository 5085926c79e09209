"""Spells out what follows from the types of tensors: in a replay every tensor holds floats."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

from ..._names import Names

_WHOLE = {
    TensorProto.INT8, TensorProto.INT16, TensorProto.INT32, TensorProto.INT64,
    TensorProto.UINT8, TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64,
}  # fmt: skip


_TYPED = ("Attention", "CastLike", "Div")


def spell_out_types(model: onnx.ModelProto) -> None:
    """Change the nodes of which the type of a tensor says what they mean.

    A division of whole numbers drops the fraction: a Cast behind it does the same. A boolean mask
    of an Attention says where to look: it becomes one that is added, 0 or minus infinity. A
    CastLike is a Cast to the type of its second input.
    """
    nodes = list(model.graph.node)
    if not any(node.op_type in _TYPED and not node.domain for node in nodes):
        return
    types = _types(model)
    names = Names()
    for name in {n for node in nodes for n in (*node.input, *node.output)}:
        names.unique(name)
    result: list[onnx.NodeProto] = []
    for node in nodes:
        if node.op_type == "Div" and types.get(node.input[0]) in _WHOLE:
            output = node.output[0]
            node.output[0] = names.unique(f"{output}/quotient")
            result += [
                node,
                helper.make_node("Cast", [node.output[0]], [output], to=TensorProto.INT64),
            ]
        elif node.op_type == "CastLike" and types.get(node.input[1]):
            kind = types[node.input[1]]
            result.append(helper.make_node("Cast", node.input[:1], node.output, node.name, to=kind))
            types[node.output[0]] = kind
        elif node.op_type == "Attention" and _mask_type(node, types) == TensorProto.BOOL:
            result += [*_added_mask(node, names), node]
        else:
            result.append(node)
    del model.graph.node[:]
    model.graph.node.extend(result)


def _mask_type(node: onnx.NodeProto, types: dict[str, int]) -> int | None:
    return types.get(node.input[3]) if len(node.input) > 3 else None


def _added_mask(node: onnx.NodeProto, names: Names) -> list[onnx.NodeProto]:
    mask = node.input[3]
    zero, nowhere = names.unique(f"{mask}/look"), names.unique(f"{mask}/nowhere")
    node.input[3] = names.unique(f"{mask}/added")
    held = {zero: np.float32(0), nowhere: np.float32(-np.inf)}
    constants = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(value)))
        for name, value in held.items()
    ]
    return [*constants, helper.make_node("Where", [mask, zero, nowhere], [node.input[3]])]


def _types(model: onnx.ModelProto) -> dict[str, int]:
    try:
        graph = shape_inference.infer_shapes(model).graph
    except Exception:
        graph = model.graph
    types = {tensor.name: tensor.data_type for tensor in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        types[value.name] = value.type.tensor_type.elem_type
    return types
