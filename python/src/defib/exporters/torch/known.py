"""Tells which losses of a script are one of the known kinds, by the structure of their graphs."""

from __future__ import annotations

import functools
import inspect
import math
from typing import TYPE_CHECKING, Any

import torch
from torch import fx
from torch.nn import functional as F  # noqa: N812

from ..document import RunDocument
from .entries import FUNCTIONS, read
from .lowering import Lowering
from .registry import target_name

if TYPE_CHECKING:
    from .custom import Own

Entry = dict[str, Any]

#: What changes the element type of a tensor and nothing else.
_CASTS = frozenset({"float", "double", "long", "int", "to", "type", "contiguous", "clone"})
#: What changes the shape of a tensor, and not the order of its elements.
_SHAPING = frozenset({"squeeze", "unsqueeze", "view", "reshape", "flatten", "ravel"})
_CLASSES = frozenset({F.cross_entropy, F.nll_loss})


def known(lowering: Lowering, own: Own, document: RunDocument) -> list[Entry] | None:
    """Return entries of known kinds that are the same as a traced loss; None: there are none.

    The loss may be a sum of such losses, each times a number. Where it changes the shape of the
    prediction first, the run gets a node that does so.
    """
    places = [node for node in lowering.graph.nodes if node.op == "placeholder"]
    result = next(node for node in lowering.graph.nodes if node.op == "output")
    if len(places) != 2 or not isinstance(result.args[0], fx.Node):
        return None
    reader = _Reader(lowering, places[0], places[1])
    found: list[_Term] = []
    if not reader.terms(result.args[0], own.weight, found) or not found:
        return None
    if len({term.turned for term in found}) > 1:
        return None
    prediction = own.outputs[0]
    if found[0].turned:
        prediction = turned(document, prediction, found[0].turned)
    entries = []
    for term in found:
        entry = {**term.entry, "prediction": prediction, "target": own.targets[0]}
        if term.weight != 1:
            entry["weight"] = term.weight
        entries.append(entry)
    return entries


class _Term:
    def __init__(self, entry: Entry, weight: float, turned: tuple[Any, ...]) -> None:
        self.entry, self.weight, self.turned = entry, weight, turned


def turned(document: RunDocument, prediction: str, how: tuple[Any, ...]) -> str:
    """Write the change of shape that a loss begins with; return the tensor after it."""
    kind, values = how
    if kind == "classes last":
        rank = int(values)
        order = [0, rank - 1, *range(1, rank - 1)]
        return document.add_node(
            "Transpose", [prediction], layer="loss", name="loss/classes", attributes={"perm": order}
        )
    shape = document.add_node(
        "Constant", [], layer="loss", name="loss/shape", attributes={"value_ints": list(values)}
    )
    return document.add_node("Reshape", [prediction, shape], layer="loss", name="loss/prediction")


class _Reader:
    """Reads a graph from its result back to prediction and target."""

    def __init__(self, lowering: Lowering, prediction: fx.Node, target: fx.Node) -> None:
        self.lowering, self.prediction, self.target = lowering, prediction, target

    def terms(self, node: Any, weight: float, found: list[_Term]) -> bool:
        """Collect the losses that are added up to a node; False: there is something else."""
        if not isinstance(node, fx.Node):
            return False
        name, arguments = target_name(node), node.args
        if name == "add" and len(arguments) == 2 and not node.kwargs:
            return all(self.terms(part, weight, found) for part in arguments)
        if name in ("mul", "truediv", "div") and len(arguments) == 2 and not node.kwargs:
            a, b = arguments
            if isinstance(b, (int, float)) and not isinstance(b, bool):
                factor = weight * b if name == "mul" else weight / b if b else math.nan
                return math.isfinite(factor) and self.terms(a, factor, found)
            if name == "mul" and isinstance(a, (int, float)) and not isinstance(a, bool):
                return self.terms(b, weight * a, found)
        term = self._function(node, weight) or self._formula(node, weight)
        if term is None:
            return False
        found.append(term)
        return True

    # -- PyTorch's own functions

    def _function(self, node: fx.Node, weight: float) -> _Term | None:
        """Read a call of one of PyTorch's losses."""
        if node.op != "call_function" or node.target not in FUNCTIONS:
            return None
        try:
            bound = inspect.signature(node.target).bind(*node.args, **node.kwargs)  # type: ignore[arg-type]
        except TypeError:
            return None
        given = dict(bound.arguments)
        first, second = given.pop("input", None), given.pop("target", None)
        held = {key: value for key, value in given.items() if value is not None}
        held = {
            key: self._constant(value) if isinstance(value, fx.Node) else value
            for key, value in held.items()
        }
        if any(value is None for value in held.values()) or "var" in held:
            return None
        on_classes = node.target in _CLASSES
        turned = self._pair(first, second, on_classes)
        if turned is None:
            return None
        try:
            function: Any = node.target
            entry = read(functools.partial(function, **held))
        except Exception:
            return None
        return None if entry is None else _Term(entry, weight, turned)

    def _constant(self, node: fx.Node) -> torch.Tensor | None:
        """Return a tensor that the loss holds, such as the weights of the classes."""
        if node in self.lowering.constants:
            return self.lowering.constants[node]
        if node.op != "get_attr":
            return None
        owner, _, name = str(node.target).rpartition(".")
        held = getattr(self.lowering.root.get_submodule(owner), name, None)
        return held.detach() if isinstance(held, torch.Tensor) else None

    # -- formulas

    def _formula(self, node: fx.Node, weight: float) -> _Term | None:
        """Read the mean or the sum of squared or absolute errors."""
        reduction = None
        while isinstance(node, fx.Node) and target_name(node) in ("mean", "sum"):
            how = target_name(node)
            others = len(node.args) > 1 or any(value is not None for value in node.kwargs.values())
            if reduction is None:
                if others and self.lowering.sizes(node) != ():
                    return None
                reduction = how
            elif how != reduction or "dtype" in node.kwargs:
                return None
            node = node.args[0]  # type: ignore[assignment]
        if reduction is None or not isinstance(node, fx.Node):
            return None
        kind, error = _powered(node)
        if not isinstance(error, fx.Node) or target_name(error) not in ("sub", "subtract"):
            return None
        if len(error.args) != 2 or error.kwargs:
            return None
        first, second = error.args
        turned = self._pair(first, second, False)
        if turned is None:
            turned = self._pair(second, first, False)
        if turned is None:
            return None
        return _Term({"kind": kind, "reduction": reduction}, weight, turned)

    # -- prediction and target

    def _pair(self, first: Any, second: Any, on_classes: bool) -> tuple[Any, ...] | None:
        """Say how prediction and target are changed before they meet.

        (): not at all. None: in a way that no known kind has.
        """
        if not isinstance(first, fx.Node) or not isinstance(second, fx.Node):
            return None
        if not self._leads(first, self.prediction) or not self._leads(second, self.target):
            return None
        raw, given = self._size(self.prediction), self._size(self.target)
        left, right = self._size(first), self._size(second)
        if (raw, given) == (left, right):
            return ()
        if on_classes:
            whole = raw[0] is None and given == raw[:-1] and len(raw) > 2
            flat = left == (None, raw[-1]) and right == (None,)
            return ("classes last", len(raw)) if whole and flat else None
        # The order of the elements stays, so that pairs are the same in any common shape.
        if left != right or self._count(first) != self._count(second):
            return None
        if raw == given:
            return ()
        if any(length is None for length in given[1:]) or given[:1] != (None,):
            return None
        return ("shape", (0, *given[1:]))

    def _size(self, node: fx.Node) -> tuple[int | None, ...]:
        return self.lowering.shape(node)

    def _count(self, node: fx.Node) -> int:
        return math.prod(self.lowering.sizes(node))

    def _leads(self, node: Any, end: fx.Node) -> bool:
        """Whether a node is another one, in another shape or type at most."""
        while isinstance(node, fx.Node) and node is not end:
            if target_name(node) not in _CASTS | _SHAPING or not node.args:
                return False
            value = self.lowering.values[0].get(node.name)
            if not isinstance(value, torch.Tensor):
                return False
            node = node.args[0]
        return node is end


def _same(a: Any, b: Any) -> bool:
    """Whether two nodes are one, or do the same with the same."""
    if a is b:
        return True
    if not isinstance(a, fx.Node) or not isinstance(b, fx.Node):
        return bool(a == b)
    alike = (a.op, a.target, a.kwargs) == (b.op, b.target, b.kwargs) and a.op == "call_function"
    return alike and len(a.args) == len(b.args) and all(map(_same, a.args, b.args))


def _powered(node: fx.Node) -> tuple[str, Any]:
    """Return the kind of loss whose term a node is, and the error that it is a power of."""
    name, arguments = target_name(node), node.args
    if name == "pow" and len(arguments) == 2 and arguments[1] in (2, 2.0):
        return "mse", arguments[0]
    if name == "square":
        return "mse", arguments[0]
    if name == "mul" and len(arguments) == 2 and _same(*arguments):
        return "mse", arguments[0]
    return ("l1", arguments[0]) if name in ("abs", "absolute") else ("", None)
