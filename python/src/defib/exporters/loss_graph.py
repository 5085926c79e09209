"""Losses that a script wrote itself, as entries of run.json: small graphs of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .document import RunDocument

Entry = dict[str, Any]
Node = Mapping[str, Any]


def entry(
    document: RunDocument, small: RunDocument, inputs: Sequence[str], output: str, *,
    prediction: str, target: str, others: Sequence[str] = (), reduction: str | None = None,
) -> Entry:  # fmt: skip
    """Move a traced loss into a run.

    Args:
        document: The run, which gets the arrays that the loss holds.
        small: The loss as a run of its own.
        inputs: What its graph calls prediction, target and the others, in this order.
        output: The tensor that it gives.
        prediction: The tensor of the run that it is given for the prediction.
        target: The name of the targets in the data.
        others: What else it is given: tensors of the run, and names in the data.
        reduction: What becomes of the output's elements; None: it is one number.
    """
    output, last = _behind_copies(small.nodes, output)
    if reduction is None:
        reduction = "mean"
        if last is not None and last["op"] in ("ReduceMean", "ReduceSum") and not others:
            # Its terms, so that samples can be replayed apart from each other where they are apart.
            output, reduction = last["inputs"][0], last["op"].removeprefix("Reduce").lower()
    nodes = _used(small.nodes, output)
    taken = {name for node in nodes for name in node["inputs"]}
    renamed = {
        held["name"]: document.add_parameter(
            f"loss.{held['name']}", small.array_of(held["name"]), trainable=False
        )
        for held in small.parameters
        if held["name"] in taken
    }
    result: Entry = {
        "kind": "custom", "prediction": prediction, "target": target, "reduction": reduction,
        "graph": {
            "inputs": list(inputs),
            "nodes": [
                {**node, "inputs": [renamed.get(name, name) for name in node["inputs"]]}
                for node in nodes
            ],
            "output": output,
        },
    }  # fmt: skip
    if others:
        result["others"] = list(others)
    return result


def _behind_copies(nodes: Sequence[Node], output: str) -> tuple[str, Node | None]:
    """Return what an output is a copy of, and the node that computes it."""
    while True:
        last = next((node for node in nodes if output in node["outputs"]), None)
        if last is None or last["op"] != "Identity":
            return output, last
        output = last["inputs"][0]


def _used(nodes: Sequence[Node], output: str) -> list[Node]:
    """Return the nodes on which an output depends, in their order."""
    needed, kept = {output}, []
    for node in reversed(nodes):
        if needed.intersection(node["outputs"]):
            needed.update(node["inputs"])
            kept.append(node)
    return kept[::-1]
