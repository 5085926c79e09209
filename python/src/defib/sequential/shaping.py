"""Layers that give samples another shape, and Dropout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._errors import ExportError
from .layer import Layer, Shape


@dataclass(frozen=True)
class Flatten(Layer):
    """One row of numbers per sample."""

    def after(self, shape: Shape) -> Shape:
        """Return (numbers,)."""
        return (int(np.prod(shape)),)


@dataclass(frozen=True)
class Dropout(Layer):
    """Sets a share `p` of the values to zero in training, and scales the others by 1/(1-p)."""

    p: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.p < 1:
            raise ExportError(f"{self.where}: p is {self.p}; expected 0 <= p < 1")


@dataclass(frozen=True, init=False)
class Reshape(Layer):
    """Gives each sample the shape `shape`, without the axis of the samples; one -1 is allowed."""

    shape: tuple[int, ...] = ()

    def __init__(self, *shape: int, name: str | None = None) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "shape", tuple(int(length) for length in shape))

    def after(self, shape: Shape) -> Shape:
        """Return the shape with its -1 filled in."""
        size, known = int(np.prod(shape)), 1
        for length in self.shape:
            known *= 1 if length == -1 else length
        open_axes = self.shape.count(-1)
        fits = known > 0 and (size % known == 0 if open_axes == 1 else size == known)
        if open_axes > 1 or min(self.shape, default=0) < -1 or not fits:
            raise ExportError(f"samples of shape {shape} do not fit into {self.shape}")
        return tuple(size // known if length == -1 else length for length in self.shape)


@dataclass(frozen=True, init=False)
class Transpose(Layer):
    """Orders the axes of each sample anew; axis 1 is the first behind that of the samples."""

    axes: tuple[int, ...] = ()

    def __init__(self, *axes: int, name: str | None = None) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "axes", tuple(int(axis) for axis in axes))

    def after(self, shape: Shape) -> Shape:
        """Return the shape in the new order."""
        if sorted(self.axes) != list(range(1, len(shape) + 1)):
            raise ExportError(
                f"axes are {self.axes}; samples of shape {shape} have the axes 1 to {len(shape)}"
            )
        return tuple(shape[axis - 1] for axis in self.axes)
