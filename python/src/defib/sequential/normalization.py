"""Batch and layer normalisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._errors import ExportError
from ..exporters.arrays import Array, as_array
from .layer import Layer, Shape


@dataclass(frozen=True, eq=False)
class BatchNorm(Layer):
    """`gamma * (x - mean) / sqrt(variance + eps) + beta` for each channel, on axis 1.

    In training mean and variance are those of the batch, in evaluation the running ones given
    here. All four arrays are (channels,).

    Raises:
        ExportError: the arrays differ in length.
    """

    gamma: Any
    beta: Any
    mean: Any
    variance: Any
    eps: float = 1e-5
    momentum: float = 0.9

    def __post_init__(self) -> None:
        self.hold("gamma", None)
        for part in ("beta", "mean", "variance"):
            self.hold(part, int(self.gamma.shape[0]))

    def arrays(self) -> dict[str, Array]:
        """Return scale, shift and the running statistics."""
        return {
            "gamma": self.gamma, "beta": self.beta, "mean": self.mean, "variance": self.variance,
        }  # fmt: skip

    def frozen(self) -> tuple[str, ...]:
        """Return the running statistics."""
        return ("mean", "variance")

    def after(self, shape: Shape) -> Shape:
        """Return the same shape; it must have as many channels as gamma."""
        channels = self.gamma.shape[0]
        if not shape or shape[0] != channels:
            raise ExportError(f"gamma has {channels} channels; it gets samples of shape {shape}")
        return shape


@dataclass(frozen=True, eq=False)
class LayerNorm(Layer):
    """`gamma * (x - mean) / sqrt(variance + eps) + beta` over the last axes of each sample.

    gamma has the shape of those axes; beta the same, or None.

    Raises:
        ExportError: the shapes differ.
    """

    gamma: Any
    beta: Any = None
    eps: float = 1e-5

    def __post_init__(self) -> None:
        gamma = as_array(self.gamma, f"{self.where}: gamma")
        object.__setattr__(self, "gamma", gamma)
        self.hold("beta", *gamma.shape, optional=True)

    def arrays(self) -> dict[str, Array]:
        """Return scale and shift."""
        held = {"gamma": self.gamma}
        return held if self.beta is None else held | {"beta": self.beta}

    def after(self, shape: Shape) -> Shape:
        """Return the same shape; its last axes must be those of gamma."""
        wanted = self.gamma.shape
        if not wanted or shape[-len(wanted) :] != wanted:
            raise ExportError(f"gamma has shape {wanted}; it gets samples of shape {shape}")
        return shape
