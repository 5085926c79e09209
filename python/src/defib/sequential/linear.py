"""Dense and Embedding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._errors import ExportError
from ..exporters.arrays import Array, as_array
from .layer import Layer, Shape


@dataclass(frozen=True, eq=False)
class Dense(Layer):
    """`x @ weight + bias`: weight (inputs, units), bias (units,) or None, any real type.

    Raises:
        ExportError: the arrays do not have those shapes.
    """

    weight: Any
    bias: Any = None

    def __post_init__(self) -> None:
        weight = as_array(self.weight, f"{self.where}: weight")
        if weight.ndim != 2:
            raise ExportError(
                f"{self.where}: weight has shape {weight.shape}; expected (inputs, units)"
            )
        object.__setattr__(self, "weight", weight)
        if self.bias is None:
            return
        bias = as_array(self.bias, f"{self.where}: bias")
        units = weight.shape[1]
        if bias.shape not in ((units,), (1, units)):
            raise ExportError(
                f"{self.where}: bias has shape {bias.shape}; expected ({units},), because weight "
                f"has shape {weight.shape}"
            )
        object.__setattr__(self, "bias", bias)

    def arrays(self) -> dict[str, Array]:
        """Return weight and bias."""
        held = {"weight": self.weight}
        return held if self.bias is None else held | {"bias": self.bias}

    def after(self, shape: Shape) -> Shape:
        """Return the shape with the units on its last axis."""
        inputs, units = self.weight.shape
        if not shape:
            raise ExportError("each sample is one number; expected a row: x.reshape(-1, 1)")
        if shape[-1] != inputs:
            raise ExportError(
                f"weight has shape {self.weight.shape} and so takes {inputs} features; "
                f"it gets samples of shape {shape}"
            )
        return (*shape[:-1], units)


@dataclass(frozen=True, eq=False)
class Embedding(Layer):
    """The rows of `weight` (words, width) that whole numbers in x name.

    Raises:
        ExportError: the weight has another number of axes.
    """

    weight: Any

    def __post_init__(self) -> None:
        self.hold("weight", None, None)

    def arrays(self) -> dict[str, Array]:
        """Return the table."""
        return {"weight": self.weight}

    def after(self, shape: Shape) -> Shape:
        """Return the shape with one more axis."""
        return (*shape, int(self.weight.shape[1]))
