"""Regions without gradients in a graph of torch.export, which holds each as a graph of its own."""

from __future__ import annotations

from typing import Any

from torch import fx

from .registry import target_name

#: The operator around such a region: whether gradients are on, the graph, what goes in.
_AROUND = "wrap_with_set_grad_enabled"


def inline(module: fx.GraphModule, key: str, mark: str) -> None:
    """Put the nodes of every region into the graph around it.

    Those of a region without gradients have `mark` under `key` of their meta.
    """
    graph = module.graph
    while around := [node for node in graph.nodes if target_name(node) == _AROUND]:
        for node in around:
            _inline(module, node, key, mark)
    graph.eliminate_dead_code(lambda node: node.op != "get_attr")


def _inline(module: fx.GraphModule, node: fx.Node, key: str, mark: str) -> None:
    enabled, held, *given = node.args
    assert isinstance(held, fx.Node)
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
