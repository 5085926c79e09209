"""What the nodes of a graph are called: as the user calls the layer, or the function in it."""

from __future__ import annotations

import re

from torch import fx

from .registry import target_name

_CONTAINERS = {"Sequential", "ModuleList", "ModuleDict"}


def layer_names(graph: fx.Graph) -> dict[str, str]:
    """Name each node as the user would: a module's path, or the function inside its module."""
    names: dict[str, str] = {}
    used: dict[str, int] = {}
    for node in graph.nodes:
        if node.op == "call_module":
            names[node.name] = str(node.target)
            continue
        inside, own = _module(node)
        if own and inside:
            names[node.name] = inside
            continue
        base = f"{inside}/{operator(node)}" if inside else operator(node)
        used[base] = used.get(base, 0) + 1
        names[node.name] = base if used[base] == 1 else f"{base}_{used[base] - 1}"
    return names


def _module(node: fx.Node) -> tuple[str, bool]:
    """Return the path of the module around a node, and whether that is a layer of torch.nn."""
    stack = [
        entry
        for key, entry in (node.meta.get("nn_module_stack") or {}).items()
        if not str(key).startswith("_empty_nn_module_stack")
    ]
    if not stack:
        return "", False
    path, kind = stack[-1]
    path = re.sub(r"\.?parametrizations\..*$", "", str(path))
    name = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
    short = name.rsplit(".", 1)[-1]
    own = name.startswith("torch.nn.") and short not in _CONTAINERS
    return path, own and not short.startswith("Transformer")


def operator(node: fx.Node) -> str:
    """Return the short name of what a node does."""
    return target_name(node).strip("_")
