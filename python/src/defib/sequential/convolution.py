"""Convolutions over one or two axes, channels first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .._errors import ExportError
from ..exporters.arrays import Array
from .layer import Layer, Shape, described, whole


@dataclass(frozen=True, eq=False)
class _Conv(Layer):
    weight: Any
    bias: Any = None
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    groups: int = 1

    #: the number of spatial axes
    rank: ClassVar[int] = 0

    def __post_init__(self) -> None:
        self.hold("weight", *[None] * (self.rank + 2))
        units = int(self.weight.shape[0])
        self.hold("bias", units, optional=True)
        self.positive("stride", self.rank)
        self.positive("dilation", self.rank)
        self.positive("groups")
        padding = whole(self.where, "padding", self.padding, 0, self.rank)
        object.__setattr__(self, "padding", padding)
        if units % self.groups:
            raise ExportError(f"{self.where}: {units} units cannot be split into {self.groups}")

    def arrays(self) -> dict[str, Array]:
        """Return weight and bias."""
        held = {"weight": self.weight}
        return held if self.bias is None else held | {"bias": self.bias}

    def after(self, shape: Shape) -> Shape:
        """Return (units, …)."""
        channels = int(self.weight.shape[1]) * self.groups
        wanted = (channels, *[None] * self.rank)
        if len(shape) != self.rank + 1 or shape[0] != channels:
            raise ExportError(
                f"weight has shape {self.weight.shape} and so takes samples of shape "
                f"{described(wanted)}, channels first; it gets {shape}"
            )
        sizes = windows(shape[1:], self.weight.shape[2:], self.stride, self.padding, self.dilation)
        return (int(self.weight.shape[0]), *sizes)


def windows(sizes: Any, kernel: Any, strides: Any, padding: Any, dilation: Any) -> Shape:
    """Return how many places a kernel has along each axis.

    Raises:
        ExportError: it has none.
    """
    result = []
    for n, k, s, p, d in zip(sizes, kernel, strides, padding, dilation, strict=True):
        count = (n + 2 * p - d * (k - 1) - 1) // s + 1
        if count < 1:
            raise ExportError(f"a kernel of {tuple(kernel)} does not fit into {tuple(sizes)}")
        result.append(int(count))
    return tuple(result)


@dataclass(frozen=True, eq=False)
class Conv1D(_Conv):
    """Cross-correlation over x (samples, channels, steps).

    Args:
        weight: (units, channels / groups, size).
        bias: (units,) or None.
        stride: Steps from one place of the kernel to the next.
        padding: Zeros on each side.
        dilation: Steps between two numbers of the kernel.
        groups: Parts of the channels that do not mix.

    Raises:
        ExportError: the arrays do not have those shapes.
    """

    rank = 1


@dataclass(frozen=True, eq=False)
class Conv2D(_Conv):
    """Cross-correlation over x (samples, channels, height, width).

    As Conv1D with weight (units, channels / groups, height, width); stride, padding and dilation
    are one number for both axes, or a pair.
    """

    rank = 2
