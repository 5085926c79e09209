"""The state of the way from an fx graph to the nodes of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import fx, nn

from ..._errors import ExportError
from ..arrays import Array, as_array
from ..document import RunDocument
from ..nodes import Named
from .names import layer_names
from .unlisted import Registry

Dim = int | None
Shape = tuple[Dim, ...]


class Lowering:
    """Walks an fx graph. Handlers get a `Call` for each fx node, which refers to this."""

    def __init__(
        self,
        document: RunDocument,
        root: nn.Module,
        graph: fx.Graph,
        tensors: dict[str, str],
        prefix: str,
        registry: Registry,
        ids: dict[int, str],
    ) -> None:
        self.document = document
        self.root = root
        self.graph = graph
        #: what the model does not list
        self.registry = registry
        #: id of a parameter -> its name in the run
        self.ids = ids
        self.layers = {
            node: registry.user(name).removeprefix(prefix)
            for node, name in layer_names(graph).items()
        }
        #: attribute path -> parameter of the run
        self.tensors = tensors
        #: what paths begin with where the root was wrapped
        self.prefix = prefix
        #: fx node -> its value, for each of the two sizes of the batch
        self.values: Sequence[Mapping[str, Any]] = ()
        #: fx node -> tensor of the run, or a tuple of them
        self.names: dict[fx.Node, Any] = {}
        #: fx node -> tensor that depends on nothing; in the run only when something needs it
        self.constants: dict[fx.Node, torch.Tensor] = {}
        #: fx node -> the number that fills it, where its shape follows the batch
        self.fills: dict[fx.Node, float] = {}
        #: tensor of the run -> the tensor that it is a transpose of, and the order of its axes
        self.transposes: dict[str, tuple[str, tuple[int, ...]]] = {}
        #: whole numbers among the targets of a loss that is traced; None: they are not known
        self.labels: frozenset[int] | None = None
        #: fx node -> the fx node whose memory it shares
        self.views: dict[fx.Node, fx.Node] = {}

    def value(self, argument: Any) -> Any:
        """Return a literal, or what a node is for every batch; lists and slices by their items.

        Raises:
            ExportError: it is a number that follows the size of the batch.
        """
        if isinstance(argument, (list, tuple)):
            return [self.value(item) for item in argument]
        if isinstance(argument, slice):
            return slice(*map(self.value, (argument.start, argument.stop, argument.step)))
        if not isinstance(argument, fx.Node):
            return argument
        first, second = (values[argument.name] for values in self.values)
        if isinstance(first, torch.Tensor):
            if argument in self.constants and self.constants[argument].numel() == 1:
                return self.constants[argument].item()
            raise ExportError("needs a number that is known before any data, and gets a tensor")
        if first != second:
            raise ExportError("computes with the size of the batch")
        return first

    def shape(self, argument: Any) -> Shape:
        """Return the shape of a tensor; None stands where it follows the batch."""
        if isinstance(argument, Named):
            return tuple(self.array(argument).shape)
        first, second = (tuple(values[argument.name].shape) for values in self.values)
        return tuple(a if a == b else None for a, b in zip(first, second, strict=True))

    def array(self, parameter: str) -> Array:
        """Return the array of a parameter.

        Raises:
            ExportError: the tensor is computed.
        """
        if all(entry["name"] != parameter for entry in self.document.parameters):
            raise ExportError("has a weight that is computed; only a parameter can be exported")
        return self.document.array_of(parameter)

    def sizes(self, node: fx.Node) -> tuple[int, ...]:
        """Return the shape of a tensor for the first of the two batches."""
        return tuple(self.values[0][node.name].shape)

    def kind(self, node: fx.Node) -> torch.dtype:
        """Return the element type of a tensor."""
        return self.values[0][node.name].dtype  # type: ignore[no-any-return]

    def attribute(self, path: str) -> str:
        """Name the tensor behind an attribute.

        Buffers, and what the model does not list, come into the run when first used.
        """
        if path not in self.tensors and self.registry.is_path(path):
            self.tensors[path] = self._unlisted(path)
        if path not in self.tensors:
            owner, _, attribute = path.rpartition(".")
            value = getattr(self.root.get_submodule(owner), attribute)
            name = path.removeprefix(self.prefix)
            self.tensors[path] = self.document.add_parameter(
                name, as_array(value, f"buffer {name}"), trainable=False
            )
        return self.tensors[path]

    def _unlisted(self, path: str) -> str:
        value = self.registry.tensor(path)
        if id(value) in self.ids:  # tied
            return self.ids[id(value)]
        name = self.registry.user(path).removeprefix(self.prefix)
        trained = value.requires_grad
        name = self.document.add_parameter(
            name, as_array(value, f"tensor {name}"), trainable=trained, registered=not trained
        )
        self.ids[id(value)] = name
        return name

    def constant(self, array: Array, name: str) -> Named:
        """Add an array that no training changes."""
        return Named(self.document.add_parameter(name, np.asarray(array), trainable=False))
