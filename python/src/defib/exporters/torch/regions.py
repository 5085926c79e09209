"""Regions in a graph of torch.export, which holds each as a graph of its own.

They are those without gradients, and those where autocast is on or off.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from ..._errors import ExportError
from .registry import target_name

#: The operators around such a region -> the place of the graph among the arguments. Before it
#: stands whether gradients are on; or the device, the type, whether autocast is on, its cache.
_AROUND = {"wrap_with_set_grad_enabled": 1, "wrap_with_autocast": 4}


def inline(module: fx.GraphModule, key: str, mark: str) -> None:
    """Put the nodes of every region into the graph around it.

    Those of a region without gradients have `mark` under `key` of their meta.
    """
    graph = module.graph
    while around := [node for node in graph.nodes if target_name(node) in _AROUND]:
        for node in around:
            _inline(module, node, key, mark)
    graph.eliminate_dead_code(lambda node: node.op != "get_attr")


def _inline(module: fx.GraphModule, node: fx.Node, key: str, mark: str) -> None:
    name, place = target_name(node), _AROUND[target_name(node)]
    held, given = node.args[place], node.args[place + 1 :]
    assert isinstance(held, fx.Node)
    if name == "wrap_with_autocast":
        enabled = True
        if node.args[2] and node.args[1] not in (None, torch.float32):
            raise ExportError(f"computes in {node.args[1]} under autocast; export it without")
    else:
        enabled = bool(node.args[0])
    inner: fx.Graph = module.get_submodule(str(held.target)).graph  # type: ignore[assignment]
    known: dict[fx.Node, Any] = {}
    results: Any = ()
    feeds = iter(given)
    with module.graph.inserting_before(node):
        for part in inner.nodes:
            if part.op == "placeholder":
                known[part] = next(feeds)
            elif part.op == "output":
                results = fx.map_arg(part.args[0], lambda each: known[each])
            else:
                copied = module.graph.node_copy(part, lambda each: known[each])
                if part.op == "get_attr":
                    copied.target = f"{held.target}.{part.target}"
                if name != "wrap_with_autocast":
                    copied.meta.pop(key, None)
                if not enabled:
                    copied.meta[key] = mark
                known[part] = copied
    for user in list(node.users):  # each takes one of the results
        index = user.args[1]
        assert isinstance(index, int)
        user.replace_all_uses_with(results[index])
        module.graph.erase_node(user)
    module.graph.erase_node(node)
