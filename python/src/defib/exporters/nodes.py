"""Writes the operators of one layer into a run, for every exporter alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Array
from .document import RunDocument


class Named(str):
    """A tensor of the run by its name, where a handler may get one of the framework as well."""


@dataclass(eq=False)
class NodeWriter:
    """One layer on its way into the run.

    The operator that writes the result of the layer has the name of the layer; the ones before it
    have that name with a part of their own, as in `dense/product`.
    """

    document: RunDocument
    #: what findings call the layer
    layer: str
    #: what the names of its nodes begin with; "": the name of the layer
    prefix: str = ""

    def name(self, part: str = "") -> str:
        """Return the name of a node of this layer."""
        whole = self.prefix or self.layer
        return f"{whole}/{part}" if part else whole

    def within(self, part: str) -> NodeWriter:
        """Return a writer for a part of the layer; "" is the whole layer."""
        return NodeWriter(self.document, self.layer, self.name(part))

    def emit(self, op: str, *inputs: str, part: str = "", **attributes: Any) -> Named:
        """Add an operator; return what it writes."""
        written = self.document.add_node(
            op, inputs, layer=self.layer, name=self.name(part), attributes=attributes
        )
        return Named(written)

    def emit_several(
        self, op: str, *inputs: str, parts: Sequence[str], part: str = "", **attributes: Any
    ) -> tuple[Named, ...]:
        """Add an operator with several outputs; "" in `parts` skips an optional one."""
        written = self.document.add_outputs(
            op, inputs, [self.name(output) if output else None for output in parts],
            layer=self.layer, name=self.name(part), attributes=attributes,
        )  # fmt: skip
        return tuple(map(Named, written))

    def integers(self, values: Sequence[int], part: str) -> Named:
        """Add a constant list of integers: axes, a shape, pads."""
        return self._constant(part, value_ints=[int(value) for value in values])

    def integer(self, value: int, part: str) -> Named:
        """Add a constant integer without axes."""
        return self._constant(part, value_int=int(value))

    def number(self, value: float, part: str = "value") -> Named:
        """Add a constant number."""
        if not math.isfinite(value):  # JSON has no such numbers, .npy has
            return self.constant(np.asarray(value, np.float32), part)
        return self._constant(part, value_float=float(value))

    def _constant(self, part: str, **attributes: Any) -> Named:
        written = self.document.add_node(
            "Constant", [], layer=self.layer, name=self.name(part), attributes=attributes
        )
        return Named(written)

    def constant(self, array: Array, part: str) -> Named:
        """Add an array that no training changes."""
        held = np.asarray(array)
        return Named(self.document.add_parameter(self.name(part), held, trainable=False))

    def reshape(self, tensor: str, shape: Sequence[int], part: str = "") -> Named:
        """Add a Reshape to a shape in the words of ONNX: 0 keeps an axis, -1 takes the rest."""
        target = self.integers(shape, f"{part}/shape" if part else "shape")
        return self.emit("Reshape", tensor, target, part=part)
