"""One fx node on its way into the run, with helpers to write its operators."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import fx

from ..._errors import ExportError
from ..arrays import as_array
from ..nodes import Named, NodeWriter
from .lowering import Lowering, Shape
from .sinking import below
from .sizes import follows_batch, length_of, written_size


class Call(NodeWriter):
    """One fx node: what it is, and the operators that it becomes."""

    def __init__(self, lowering: Lowering, node: fx.Node) -> None:
        super().__init__(lowering.document, lowering.layers[node.name])
        self.lowering = lowering
        self.node = node

    # -- what it gets

    def tensor(self, argument: Any) -> str:
        """Name the tensor of the run for an argument; a number becomes a constant.

        Raises:
            ExportError: the argument is neither.
        """
        lowering = self.lowering
        if isinstance(argument, Named):
            return argument
        if isinstance(argument, fx.Node):
            if argument not in lowering.names and argument in lowering.constants:
                lowering.names[argument] = self._folded(argument)
            if argument not in lowering.names and argument in lowering.fills:
                lowering.names[argument] = self._filled(argument)
            name = lowering.names.get(argument)
            if isinstance(name, str):
                return name
            if argument in lowering.names:
                raise ExportError(f"uses {lowering.layers[argument.name]}, which no run can hold")
        if isinstance(argument, fx.Node) and follows_batch(lowering, argument):
            return written_size(self, argument)
        value = lowering.value(argument)
        if isinstance(value, bool):
            value = int(value)
        if not isinstance(value, (int, float)):
            raise ExportError(f"uses {value!r} as a tensor")
        return self.number(float(value))

    def _folded(self, node: fx.Node) -> str:
        value = self.lowering.constants[node]
        if value.ndim == 0 and math.isfinite(value.item()):
            return self.number(float(value))
        name = self.lowering.layers[node.name]
        return self.lowering.constant(as_array(value, f"constant {name}"), name)

    def _filled(self, node: fx.Node) -> str:
        shape = [1 if length is None else length for length in self.shape(node)]
        array = np.full(shape, self.lowering.fills[node], dtype=np.float32)
        held = self.constant(array, "filled")
        return self.follow_batch(held, self.shape(node))

    def items(self, argument: Any) -> list[Any]:
        """Return the tensors of an argument that holds several: a tuple, or one node for it."""
        if isinstance(argument, fx.Node) and not self.is_tensor(argument):
            return list(self.lowering.names[argument])
        return list(argument) if isinstance(argument, (list, tuple)) else [argument]

    def param(self, name: str) -> Named | None:
        """Name a parameter or buffer of the module that this node calls; None: it has none.

        Raises:
            ExportError: it is neither, because a hook computes it.
        """
        module = self.lowering.root.get_submodule(str(self.node.target))
        if getattr(module, name, None) is None:
            return None
        if name not in module._parameters and name not in module._buffers:
            raise ExportError(
                f"computes its {name} in a hook; use torch.nn.utils.parametrizations instead, or "
                "make it permanent with remove_weight_norm, remove_spectral_norm or prune.remove"
            )
        return Named(self.lowering.attribute(f"{self.node.target}.{name}"))

    def value(self, argument: Any) -> Any:
        """Return what an argument is for every batch (see `Lowering.value`)."""
        return self.lowering.value(argument)

    def shape(self, argument: Any) -> Shape:
        """Return the shape of an argument; None stands where it follows the batch."""
        return self.lowering.shape(argument) if self.is_tensor(argument) else ()

    def rank(self, argument: Any) -> int:
        """Return the number of axes of an argument; a number has none."""
        return len(self.shape(argument))

    def out(self) -> Shape:
        """Return the shape of the result."""
        return self.lowering.shape(self.node)

    def axis(self, argument: Any, axis: Any) -> int:
        """Return an axis of an argument, counted from the front."""
        return int(self.value(axis)) % max(1, self.rank(argument))

    def is_tensor(self, argument: Any) -> bool:
        """Whether an argument is a tensor and not a number."""
        if isinstance(argument, Named):
            return True
        return isinstance(argument, fx.Node) and isinstance(
            self.lowering.values[0].get(argument.name), torch.Tensor
        )

    def length(self, argument: Any, axis: int) -> str:
        """Name the length of an axis of a tensor, as a number; of the batch too."""
        length = self.shape(argument)[axis]
        if length is not None:
            return self.number(float(length), "length")
        return length_of(self, self.tensor(argument), axis)

    # -- what it writes

    def emit(self, op: str, *inputs: str, part: str = "", **attributes: Any) -> Named:
        """Add an operator, below a transpose of the samples where it can be; see `sinking`."""
        sunk = below(self.lowering, op, inputs, attributes)
        if sunk is None:
            return super().emit(op, *inputs, part=part, **attributes)
        held, order = sunk
        back = [order.index(axis) for axis in range(len(order))]
        inputs = tuple(
            self.transpose(tensor, back, f"{part}/turned" if part else "turned") if turn else tensor
            for tensor, turn in held
        )
        result = super().emit(op, *inputs, part=part, **attributes)
        return self.transpose(result, order, f"{part}/transposed" if part else "transposed")

    def transpose(self, tensor: str, order: Sequence[int], part: str = "") -> Named:
        """Order the axes of a tensor anew; transposes of transposes become one, or none."""
        order = [int(axis) for axis in order]
        source, before = self.lowering.transposes.get(tensor, (tensor, tuple(range(len(order)))))
        order = [before[axis] for axis in order]
        if order == sorted(order):
            return Named(source)
        written = self.emit("Transpose", source, part=part, perm=order)
        self.lowering.transposes[written] = (source, tuple(order))
        return written

    def follow_batch(self, tensor: str, shape: Shape) -> Named:
        """Repeat a tensor with a 1 where `shape` follows the batch for every sample.

        ONNX would take the shape of the batch. A run has no shapes in its tensors, so the rows of
        an input select between the tensor and itself, which broadcasts.
        """
        first = self.document.inputs[0]
        rank = document_rank(self.lowering, first)
        if rank > 1:
            ones = [1] * (rank - 1)
            ends = self.integers(ones, "rows/ends")
            starts = self.integers([0] * (rank - 1), "rows/starts")
            axes = self.integers(range(1, rank), "rows/axes")
            first = self.emit("Slice", first, starts, ends, axes, part="rows/first")
        same = self.emit("Equal", first, first, part="rows/same")
        target = [1 if length is not None else -1 for length in shape]
        if target.count(-1) > 1:
            raise ExportError("has the size of the batch along more than one axis")
        if shape[0] is None:
            target[0] = 0
        rows = self.reshape(same, target, "rows")
        return self.emit("Where", rows, tensor, tensor, part="for every sample")


def document_rank(lowering: Lowering, name: str) -> int:
    """Return the number of axes of an input of the run."""
    for node in lowering.graph.nodes:
        if node.op == "placeholder" and lowering.names.get(node) == name:
            return len(lowering.shape(node))
    raise ExportError(f"{name} is not an input")
