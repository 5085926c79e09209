"""What the model returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import fx

from ..._errors import ExportError
from .call import Call
from .lowering import Lowering


def add_outputs(lowering: Lowering, result: fx.Node) -> dict[str, str]:
    """Add the outputs to the run; return what the user calls them -> tensor.

    Raises:
        ExportError: the model returns something that is not a tensor, or no tensor at all.
    """
    document = lowering.document
    outputs: dict[str, str] = {}
    for key, value in _leaves(lowering, "", result.args[0]):
        if isinstance(value, str):
            tensor = value
        elif isinstance(value, fx.Node):
            tensor = Call(lowering, value).tensor(value)
        else:
            raise ExportError(f"forward returns {value}; expected tensors that it computed")
        computed = any(tensor in node["outputs"] for node in document.nodes)
        if not computed or tensor in document.outputs:
            tensor = document.add_node("Identity", [tensor], layer=key or "output")
        document.outputs.append(tensor)
        outputs[key if key and key not in outputs else tensor] = tensor
    if not outputs:
        raise ExportError("forward returns no tensor")
    return outputs


def _leaves(lowering: Lowering, key: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [leaf for name, item in value.items() for leaf in _leaves(lowering, str(name), item)]
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in _leaves(lowering, "", item)]
    if isinstance(value, fx.Node) and isinstance(lowering.names.get(value), tuple):
        # The whole result of a recurrence, or a named tuple.
        return _leaves(lowering, "", lowering.names[value])
    return [] if value is None else [(key, value)]


#: What may be left out where nothing uses it.
_FREE = frozenset(
    {"Constant", "Transpose", "Reshape", "Slice", "Split", "Gather", "Squeeze", "Unsqueeze",
     "Concat", "Expand", "ArgMax", "Neg", "Equal", "Where", "Cast", "Identity", "StopGradient"}
)  # fmt: skip


def prune(lowering: Lowering) -> None:
    """Leave out nodes that only move values about and that nothing uses."""
    document = lowering.document
    used = set(document.outputs)
    kept = []
    for node in reversed(document.nodes):
        if node["op"] in _FREE and not used.intersection(node["outputs"]):
            continue
        used.update(node["inputs"])
        kept.append(node)
    document.nodes[:] = reversed(kept)
