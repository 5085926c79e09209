"""Pooling over one or two axes, channels first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .._errors import ExportError
from .convolution import windows
from .layer import Layer, Shape, whole


@dataclass(frozen=True)
class _Pool(Layer):
    size: Any = 2
    stride: Any = None
    padding: Any = 0

    rank: ClassVar[int] = 0

    def __post_init__(self) -> None:
        self.positive("size", self.rank)
        if self.stride is None:
            object.__setattr__(self, "stride", self.size)
        self.positive("stride", self.rank)
        padding = whole(self.where, "padding", self.padding, 0, self.rank)
        object.__setattr__(self, "padding", padding)
        if any(2 * p > k for p, k in zip(padding, self.size, strict=True)):
            raise ExportError(f"{self.where}: padding {padding} is more than half of {self.size}")

    def after(self, shape: Shape) -> Shape:
        """Return the shape with fewer places."""
        if len(shape) != self.rank + 1:
            raise ExportError(f"it gets samples of shape {shape}; expected {self.rank + 1} axes")
        one = (1,) * self.rank
        return (shape[0], *windows(shape[1:], self.size, self.stride, self.padding, one))


@dataclass(frozen=True)
class MaxPool1D(_Pool):
    """The largest of `size` steps, every `stride` (default: size) steps."""

    rank = 1


@dataclass(frozen=True)
class MaxPool2D(_Pool):
    """The largest value in windows of `size`, every `stride` (default: size)."""

    rank = 2


@dataclass(frozen=True)
class AveragePool1D(_Pool):
    """The mean of `size` steps; padding does not count."""

    rank = 1


@dataclass(frozen=True)
class AveragePool2D(_Pool):
    """The mean of windows of `size`; padding does not count."""

    rank = 2


@dataclass(frozen=True)
class _Global(Layer):
    def after(self, shape: Shape) -> Shape:
        """Return (channels,)."""
        if len(shape) < 2:
            raise ExportError(f"it gets samples of shape {shape}; expected (channels, …)")
        return shape[:1]


@dataclass(frozen=True)
class GlobalAveragePool(_Global):
    """The mean of each channel: (samples, channels, …) to (samples, channels)."""


@dataclass(frozen=True)
class GlobalMaxPool(_Global):
    """The largest value of each channel: (samples, channels, …) to (samples, channels)."""
