"""Activations: functions of each number, and softmax along an axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._errors import ExportError
from ..exporters.arrays import Array, as_array
from .layer import Layer, Shape


@dataclass(frozen=True)
class ReLU(Layer):
    """`max(x, 0)`."""


@dataclass(frozen=True)
class LeakyReLU(Layer):
    """`x` where it is positive, `alpha * x` elsewhere."""

    alpha: float = 0.01


@dataclass(frozen=True, eq=False)
class PReLU(Layer):
    """`x` where it is positive, `slope * x` elsewhere; the slope is learned.

    `slope` is one number, or an array that broadcasts to a sample: (channels, 1, 1) for images.
    """

    slope: Any

    def __post_init__(self) -> None:
        array = as_array(self.slope, f"{self.where}: slope")
        object.__setattr__(self, "slope", array.reshape(1) if array.ndim == 0 else array)

    def arrays(self) -> dict[str, Array]:
        """Return the slope."""
        return {"slope": self.slope}

    def after(self, shape: Shape) -> Shape:
        """Return the same shape; the slope must broadcast to it."""
        slope = self.slope.shape
        fits = len(slope) <= len(shape) and all(
            s in (1, n) for s, n in zip(slope[::-1], shape[::-1], strict=False)
        )
        if not fits:
            raise ExportError(f"slope has shape {slope}; it does not broadcast to samples {shape}")
        return shape


@dataclass(frozen=True)
class ELU(Layer):
    """`x` where it is positive, `alpha * (exp(x) - 1)` elsewhere."""

    alpha: float = 1.0


@dataclass(frozen=True)
class CELU(Layer):
    """`max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)`."""

    alpha: float = 1.0


@dataclass(frozen=True)
class SELU(Layer):
    """The scaled exponential unit that keeps mean 0 and variance 1."""


@dataclass(frozen=True)
class GELU(Layer):
    """`x * Φ(x)`; with `approximate` by tanh."""

    approximate: bool = False


@dataclass(frozen=True)
class SiLU(Layer):
    """`x * sigmoid(x)`, also known as swish."""


@dataclass(frozen=True)
class Mish(Layer):
    """`x * tanh(softplus(x))`."""


@dataclass(frozen=True)
class Softplus(Layer):
    """`log(1 + exp(x))`."""


@dataclass(frozen=True)
class Softsign(Layer):
    """`x / (1 + |x|)`."""


@dataclass(frozen=True)
class Sigmoid(Layer):
    """`1 / (1 + exp(-x))`."""


@dataclass(frozen=True)
class HardSigmoid(Layer):
    """`min(max(alpha * x + beta, 0), 1)`."""

    alpha: float = 1 / 6
    beta: float = 0.5


@dataclass(frozen=True)
class HardSwish(Layer):
    """`x * min(max(x / 6 + 0.5, 0), 1)`."""


@dataclass(frozen=True)
class Tanh(Layer):
    """`tanh(x)`."""


@dataclass(frozen=True)
class Clip(Layer):
    """`min(max(x, low), high)`."""

    low: float = 0.0
    high: float = 6.0

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ExportError(f"{self.where}: low is {self.low} and high {self.high}")


@dataclass(frozen=True)
class _AlongAxis(Layer):
    axis: int = -1

    def after(self, shape: Shape) -> Shape:
        """Return the same shape; the axis must be one of a batch."""
        rank = len(shape) + 1
        if not -rank <= self.axis < rank:
            raise ExportError(f"axis is {self.axis}; its input has {rank} axes")
        return shape


@dataclass(frozen=True)
class Softmax(_AlongAxis):
    """`exp(x) / sum(exp(x))` along `axis`, counted with the axis of the samples."""


@dataclass(frozen=True)
class LogSoftmax(_AlongAxis):
    """`log(softmax(x))` along `axis`, counted with the axis of the samples."""
