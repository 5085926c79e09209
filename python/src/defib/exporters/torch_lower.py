"""From an fx graph to the nodes of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import fx, nn

from .._errors import ExportError
from .document import RunDocument

Dim = int | None


class Lowering:
    """Walks an fx graph. The tables call back with `Call`, one for each fx node."""

    def __init__(
        self,
        document: RunDocument,
        root: nn.Module,
        graph: fx.Graph,
        tensors: dict[str, str],
        prefix: str,
    ) -> None:
        self.document = document
        self.root = root
        self.graph = graph
        self.layers = layer_names(graph)
        #: attribute path -> parameter of the run
        self.tensors = tensors
        #: what paths begin with where the root was wrapped
        self.prefix = prefix
        #: fx node -> its value, for each of the two sizes of the batch
        self.values: Sequence[Mapping[str, Any]] = ()
        #: fx node -> tensor of the run
        self.names: dict[fx.Node, str] = {}
        #: fx node -> the parameter that it is the transpose of
        self.transposed: dict[fx.Node, str] = {}

    def value(self, argument: Any) -> Any:
        """Return a literal, or what a node is for every batch.

        Raises:
            ExportError: it is a number that follows the size of the batch.
        """
        if not isinstance(argument, fx.Node):
            return argument
        first, second = (values[argument.name] for values in self.values)
        if first != second:
            raise ExportError("computes with the size of the batch")
        return first

    def shape(self, node: fx.Node) -> tuple[Dim, ...]:
        """Return the shape of a tensor; None stands where it follows the batch."""
        first, second = (tuple(values[node.name].shape) for values in self.values)
        return tuple(a if a == b else None for a, b in zip(first, second, strict=True))

    def sizes(self, node: fx.Node) -> tuple[int, ...]:
        """Return the shape of a tensor for the first of the two batches."""
        return tuple(self.values[0][node.name].shape)


class Call:
    """One fx node on its way into the run: what it is, and helpers to write its operators."""

    def __init__(self, lowering: Lowering, node: fx.Node) -> None:
        self.lowering = lowering
        self.node = node
        self.layer = lowering.layers[node.name]

    def tensor(self, argument: Any) -> str:
        """Name the tensor of the run for an argument; a number becomes a constant."""
        lowering = self.lowering
        if isinstance(argument, fx.Node):
            if argument in lowering.names:
                return lowering.names[argument]
            if argument in lowering.transposed:
                raise ExportError("uses a transposed parameter outside a matrix product")
        value = lowering.value(argument)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ExportError(f"uses {value!r} as a tensor")
        return self.number(float(value))

    def number(self, value: float) -> str:
        """Add a constant number."""
        return self.lowering.document.add_number(
            value, layer=self.layer, name=f"{self.layer}/value"
        )

    def rank(self, argument: Any) -> int:
        """Return the number of axes of an argument; a number has none."""
        return len(self.lowering.shape(argument)) if self.is_tensor(argument) else 0

    def is_tensor(self, argument: Any) -> bool:
        """Whether an argument is a tensor and not a number."""
        names, transposed = self.lowering.names, self.lowering.transposed
        return isinstance(argument, fx.Node) and (argument in names or argument in transposed)

    def emit(self, op: str, *inputs: str, name: str | None = None, **attributes: Any) -> str:
        """Add an operator with the layer of this call; return what it writes."""
        return self.lowering.document.add_node(
            op, inputs, layer=self.layer, name=name, attributes=attributes
        )

    def linear(self, argument: fx.Node, weight: str, bias: str | None) -> str:
        """Apply a weight of shape (units, inputs), over the last axis."""
        held = [weight] if bias is None else [weight, bias]
        shape = self.lowering.shape(argument)
        if len(shape) == 2:
            return self.emit("Gemm", self.tensor(argument), *held, transB=1)
        rows = self.reshape_to(self.tensor(argument), [-1, *shape[-1:]], f"{self.layer}/rows")
        product = self.emit("Gemm", rows, *held, transB=1, name=f"{self.layer}/product")
        out = self.lowering.shape(self.node)
        return self.reshape_to(product, self._target(out, keeps_rows=False), self.layer)

    def reshape(self, argument: fx.Node) -> str:
        """Give the argument the shape that this node has."""
        before, after = self.lowering.shape(argument), self.lowering.shape(self.node)
        keeps = bool(before and after) and before[0] is None and after[0] is None
        if keeps:  # both follow the batch; the same number of rows?
            keeps = self.lowering.sizes(argument)[0] == self.lowering.sizes(self.node)[0]
        return self.reshape_to(self.tensor(argument), self._target(after, keeps_rows=keeps))

    def _target(self, shape: Sequence[Dim], *, keeps_rows: bool) -> list[int]:
        target = [-1 if length is None else length for length in shape]
        if keeps_rows:
            target[0] = 0
        if target.count(-1) > 1:
            raise ExportError("reshapes the batch into more than one axis")
        return target

    def reshape_to(self, tensor: str, target: Sequence[Any], name: str | None = None) -> str:
        """Add a Reshape to a shape in the words of ONNX: 0 keeps an axis, -1 takes the rest."""
        shape = self.lowering.document.add_integers(
            target, layer=self.layer, name=f"{name or self.layer}/shape"
        )
        return self.emit("Reshape", tensor, shape, name=name)


def layer_names(graph: fx.Graph) -> dict[str, str]:
    """Name each node as the user would: a module's path, or the function inside its module."""
    names: dict[str, str] = {}
    used: dict[str, int] = {}
    for node in graph.nodes:
        if node.op == "call_module":
            names[node.name] = str(node.target)
            continue
        stack = node.meta.get("nn_module_stack") or {}
        inside = next(reversed(stack.values()))[0] if stack else ""
        base = f"{inside}/{operator(node)}" if inside else operator(node)
        used[base] = used.get(base, 0) + 1
        names[node.name] = base if used[base] == 1 else f"{base}_{used[base] - 1}"
    return names


def operator(node: fx.Node) -> str:
    """Return the short name of what a node does."""
    if node.op == "call_function":
        return str(getattr(node.target, "__name__", node.target)).strip("_")
    return str(node.target).rsplit(".", 1)[-1].strip("_")
