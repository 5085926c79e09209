"""One message for everything in a graph that cannot be expressed."""

from __future__ import annotations

from collections.abc import Sequence

from torch import fx

from ..._errors import ExportError
from .lowering import Lowering
from .names import operator
from .registry import is_known_module, lookup

#: What asks a tensor for a number and returns no tensor.
_QUESTIONS = {"size", "dim", "ndimension", "numel", "getattr", "getitem", "shape", "sym_size"}


class RefusalError(ExportError):
    """The model holds what no run can."""


class MisfitError(ExportError):
    """A node does not fit what it gets; a tracing that took a wrong path may be behind it."""


def describe(lowering: Lowering, node: fx.Node) -> str:
    """Name a node by its place and its operator."""
    what = operator(node)
    if node.op == "call_module":
        what = type(lowering.root.get_submodule(str(node.target))).__name__
    return f"{lowering.layers[node.name]}: {what}"


def unknown(lowering: Lowering) -> list[str]:
    """Describe every node that has no handler."""
    return [
        describe(lowering, node)
        for node in lowering.graph.nodes
        if node.op in ("call_module", "call_method", "call_function")
        and operator(node) not in _QUESTIONS
        and not operator(node).startswith("assert")
        and not is_known(lowering, node)
    ]


def is_known(lowering: Lowering, node: fx.Node) -> bool:
    """Whether a node has a handler."""
    if node.op == "call_module":
        return is_known_module(lowering.root.get_submodule(str(node.target)))
    return node.op == "get_attr" or lookup(node) is not None


def refusal(problems: Sequence[str]) -> RefusalError:
    """Build the error that lists all problems and says what to do."""
    listed = "\n".join(f"  {problem}" for problem in dict.fromkeys(problems))
    return RefusalError(
        f"the model cannot be replayed because of\n{listed}\nWrite these with other functions, or "
        "compute before the model what depends on no trained weight and pass it as a further "
        "input, or export the part of the model without them. docs/python.md lists what can be "
        "exported"
    )
