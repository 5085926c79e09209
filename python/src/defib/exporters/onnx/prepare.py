"""Brings a model into the words of the engine: functions inlined, opset 21."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import onnx
from onnx import helper, inliner, version_converter

from ..._errors import ExportError

#: The opset whose operators a run is written in.
OPSET = 21
#: Initializers of more elements stay out of the conversions: no rule looks at their values.
SMALL = 1024


def prepare(
    model: onnx.ModelProto,
    known: Callable[[onnx.NodeProto], bool],
    watch: Callable[[list[onnx.NodeProto]], None],
    feeds: Mapping[str, Sequence[int]],
) -> onnx.ModelProto:
    """Return a model of the same nodes in opset 21 or later, without functions.

    Large initializers are inputs of the result, so that no weight is copied. `watch` sees the
    nodes as the user knows them, before anything is converted. `feeds` has the shape of each input
    that the data feeds.

    Raises:
        ExportError: an old operator has no counterpart in opset 21.
    """
    slim = _slim(model)
    if slim.functions:
        slim = inliner.inline_local_functions(slim, True)
    watch(list(slim.graph.node))
    slim = _converted(slim, feeds)
    # A CastLike is left alone: it needs a type, which the body of another function may hide.
    for _ in range(4):  # the body of a function may hold functions
        wanted = {node.op_type for node in slim.graph.node if not known(node)} - {"CastLike"}
        wanted = {op for op in wanted if _has_body(op, _opset(slim))}
        if not wanted:
            break
        for node in slim.graph.node:
            if node.op_type in wanted:
                _add_defaults(node, _opset(slim))
        try:
            slim = inliner.inline_selected_functions(
                slim, [("", op) for op in sorted(wanted)], inline_schema_functions=True
            )
        except Exception:
            break  # the operators stay, and are listed as unknown
    return slim


def _slim(model: onnx.ModelProto) -> onnx.ModelProto:
    slim = onnx.ModelProto(ir_version=model.ir_version)
    slim.opset_import.extend(model.opset_import)
    slim.functions.extend(model.functions)
    graph = slim.graph
    graph.name = model.graph.name or "graph"
    graph.node.extend(model.graph.node)
    graph.input.extend(model.graph.input)
    graph.output.extend(model.graph.output)
    fed = {value.name for value in graph.input}
    for tensor in model.graph.initializer:
        count = 1
        for length in tensor.dims:
            count *= length
        if count <= SMALL and not tensor.external_data:
            graph.initializer.add().CopyFrom(tensor)
        elif tensor.name not in fed:
            graph.input.append(
                helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
            )
    return slim


def _converted(model: onnx.ModelProto, feeds: Mapping[str, Sequence[int]]) -> onnx.ModelProto:
    version = _opset(model)
    if version >= OPSET or all(_unchanged(node, version) for node in model.graph.node):
        return model
    try:
        return _at_lengths(model, feeds)
    except Exception as error:
        changed = [n for n in model.graph.node if not n.domain and not _unchanged(n, version)]
        listed = ", ".join(dict.fromkeys(node.op_type for node in changed))
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise ExportError(
            f"the model has opset {version}, and onnx cannot convert it to {OPSET} ({reason}); "
            f"export it with opset {OPSET}. Operators that changed: {listed}"
        ) from error


def _at_lengths(model: onnx.ModelProto, feeds: Mapping[str, Sequence[int]]) -> onnx.ModelProto:
    """Convert a model; where a rule for very old operators wants every length, at those of x."""
    try:
        return version_converter.convert_version(model, OPSET)
    except Exception:
        exact = onnx.ModelProto()
        exact.CopyFrom(model)
        for value in exact.graph.input:
            if value.name in feeds:
                kind = value.type.tensor_type.elem_type
                lengths = list(feeds[value.name])
                value.CopyFrom(helper.make_tensor_value_info(value.name, kind, lengths))
        converted = version_converter.convert_version(exact, OPSET)
    del converted.graph.input[:]
    converted.graph.input.extend(model.graph.input)
    return converted


def _opset(model: onnx.ModelProto) -> int:
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    return max(versions, default=1)


def _unchanged(node: onnx.NodeProto, version: int) -> bool:
    if node.domain not in ("", "ai.onnx"):
        return True
    try:
        old = onnx.defs.get_schema(node.op_type, version)
        new = onnx.defs.get_schema(node.op_type, OPSET)
    except onnx.defs.SchemaError:
        return True
    return bool(old.since_version == new.since_version)


def _add_defaults(node: onnx.NodeProto, version: int) -> None:
    """Write the defaults of the attributes out, for the body of a function refers to them."""
    held = {attribute.name for attribute in node.attribute}
    for name, entry in onnx.defs.get_schema(node.op_type, version).attributes.items():
        if name not in held and entry.default_value.name:
            node.attribute.append(entry.default_value)


def _has_body(op: str, version: int) -> bool:
    try:
        schema = onnx.defs.get_schema(op, version)
    except onnx.defs.SchemaError:
        return False
    kinds = ("has_function", "has_context_dependent_function")  # not in onnx's type stubs
    return any(getattr(schema, kind) for kind in kinds)
