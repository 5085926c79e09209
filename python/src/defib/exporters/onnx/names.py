"""What a user calls the layer of a node."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence

import onnx

from ..._names import Names

#: Where torch.onnx.export writes the modules that a node comes from.
_SCOPES = "pkg.torch.onnx.name_scopes"


def name_nodes(nodes: Iterable[onnx.NodeProto]) -> None:
    """Give every node a name of its own: the one it has where it is free, else `Gemm_0` and on."""
    nodes, names, counts = list(nodes), Names(), dict[str, int]()
    held = [names.unique(node.name) if node.name else "" for node in nodes]
    for node, name in zip(nodes, held, strict=True):
        number = counts.get(node.op_type, 0)
        counts[node.op_type] = number + 1
        node.name = name or names.unique(f"{node.op_type}_{number}")


def layers(nodes: Sequence[onnx.NodeProto]) -> dict[str, str]:
    """Name the layer of every tensor that a node writes: the module's path, or the node's name.

    A module that holds other modules stands for several steps: what it computes itself is called
    `block/Relu`, as a function inside a module is.
    """
    paths = {node.name: _scope(node) for node in nodes}
    held = {path for path in paths.values() if path}
    parents = {path[:end] for path in held for end in _ends(path)}
    result: dict[str, str] = {}
    for node in nodes:
        path = paths[node.name]
        short = node.name.rsplit("/", 1)[-1]
        layer = path or short or node.op_type
        if path in parents:
            layer = f"{path}/{short}"
        for output in node.output:
            if output:
                result[output] = layer
    return result


def spread(nodes: Sequence[onnx.NodeProto], known: dict[str, str]) -> dict[str, str]:
    """Give a node without a layer (one that a conversion put in) that of the node it feeds."""
    result = dict(known)
    for node in reversed(nodes):
        layer = next((result[name] for name in node.output if name in result), node.name)
        for name in (*node.output, *node.input):
            if name and name not in result:
                result[name] = layer
    return result


def _scope(node: onnx.NodeProto) -> str:
    """Return the path of the module that a node of PyTorch comes from; "" when nothing says so."""
    for entry in node.metadata_props:
        if entry.key == _SCOPES:
            try:
                scopes = [str(part) for part in ast.literal_eval(entry.value)]
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                break
            return next((part for part in reversed(scopes[:-1]) if part), "")
    if not node.name.startswith("/"):
        return ""
    parts = node.name[1:].split("/")
    if not re.fullmatch(rf"{re.escape(node.op_type)}(_\d+)?", parts[-1]):
        return ""
    # /layers/layers.0/Gemm stands for layers.0: a list of modules names itself twice.
    path: list[str] = []
    for part in parts[:-1]:
        if path and part.startswith(path[-1] + "."):
            path.pop()
        path.append(part)
    return ".".join(path)


def _ends(path: str) -> list[int]:
    return [match.start() for match in re.finditer(r"\.", path)]
