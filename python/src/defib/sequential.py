"""A network written in plain NumPy, described layer by layer.

    model = defib.Sequential(defib.Dense(W1, b1), defib.ReLU(), defib.Dense(W2, b2))

Each layer is data alone: nothing is computed here. The engine computes in float32.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._errors import ExportError
from .exporters.arrays import Array, as_array


@dataclass(frozen=True)
class Layer:
    """Base of all layers. `name` is what findings call it; by default kind and number."""

    name: str | None = field(default=None, kw_only=True)

    @property
    def kind(self) -> str:
        """The lowercase name of the class."""
        return type(self).__name__.lower()


@dataclass(frozen=True, eq=False)
class Dense(Layer):
    """`x @ weight + bias`: weight (inputs, units), bias (units,) or None, any real type.

    Raises:
        ExportError: the arrays do not have those shapes.
    """

    weight: Any
    bias: Any = None

    def __post_init__(self) -> None:
        where = self.name or "Dense"
        weight = as_array(self.weight, f"{where}: weight")
        if weight.ndim != 2:
            raise ExportError(f"{where}: weight has shape {weight.shape}; expected (inputs, units)")
        object.__setattr__(self, "weight", weight)
        if self.bias is None:
            return
        bias = as_array(self.bias, f"{where}: bias")
        units = weight.shape[1]
        if bias.shape not in ((units,), (1, units)):
            raise ExportError(
                f"{where}: bias has shape {bias.shape}; expected ({units},), because weight has "
                f"shape {weight.shape}"
            )
        object.__setattr__(self, "bias", bias)

    def arrays(self) -> dict[str, Array]:
        """Return the parameters by their names inside the layer."""
        held = {"weight": self.weight}
        return held if self.bias is None else held | {"bias": self.bias}


@dataclass(frozen=True)
class ReLU(Layer):
    """`max(x, 0)`."""


@dataclass(frozen=True)
class LeakyReLU(Layer):
    """`x` where it is positive, `alpha * x` elsewhere."""

    alpha: float = 0.01


@dataclass(frozen=True)
class Sigmoid(Layer):
    """`1 / (1 + exp(-x))`."""


@dataclass(frozen=True)
class Tanh(Layer):
    """`tanh(x)`."""


@dataclass(frozen=True)
class Softmax(Layer):
    """`exp(x) / sum(exp(x))` along `axis`."""

    axis: int = -1


@dataclass(frozen=True)
class LogSoftmax(Layer):
    """`log(softmax(x))` along `axis`."""

    axis: int = -1


@dataclass(frozen=True)
class Flatten(Layer):
    """One row of numbers a sample."""


@dataclass(frozen=True)
class Dropout(Layer):
    """Sets a share `p` of the values to zero in training, and scales the others by 1/(1-p)."""

    p: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.p < 1:
            raise ExportError(f"{self.name or 'Dropout'}: p is {self.p}; expected 0 <= p < 1")


@dataclass(frozen=True, init=False)
class Reshape(Layer):
    """Gives each sample the shape `shape`, without the axis of the samples; one -1 is allowed."""

    shape: tuple[int, ...] = ()

    def __init__(self, *shape: int, name: str | None = None) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "shape", tuple(int(length) for length in shape))


class Sequential:
    """Layers, one after the other.

    Raises:
        ExportError: an item is no layer, or two layers have one name.
    """

    def __init__(self, *layers: Layer) -> None:
        names: dict[str, Layer] = {}
        numbers: dict[str, int] = {}
        for position, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise ExportError(
                    f"layer {position} is {type(layer).__name__}; expected a layer such as "
                    "defib.Dense(W, b) or defib.ReLU()"
                )
            numbers[layer.kind] = numbers.get(layer.kind, 0) + 1
            name = layer.name or f"{layer.kind}{numbers[layer.kind]}"
            if name in names:
                raise ExportError(f"two layers are named {name!r}; names must be unique")
            names[name] = layer
        if not names:
            raise ExportError("a Sequential needs at least one layer")
        self._layers = names

    def __iter__(self) -> Iterator[tuple[str, Layer]]:
        """Iterate over names and layers."""
        return iter(self._layers.items())

    def __len__(self) -> int:
        return len(self._layers)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(self._layers)})"

    def arrays(self) -> dict[str, Array]:
        """Return every parameter by its full name, such as `dense1.weight`."""
        return {
            f"{name}.{part}": array
            for name, layer in self
            if isinstance(layer, Dense)
            for part, array in layer.arrays().items()
        }


def output_shape(name: str, layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that one sample has after the layer.

    Raises:
        ExportError: the layer does not fit a sample of that shape.
    """
    if isinstance(layer, Dense):
        inputs, units = layer.weight.shape
        if not shape:
            raise ExportError(
                f"{name}: each sample is one number; expected a row: x.reshape(-1, 1)"
            )
        if shape[-1] != inputs:
            raise ExportError(
                f"{name}: weight has shape {layer.weight.shape} and so takes {inputs} features; "
                f"it gets samples of shape {shape}"
            )
        return (*shape[:-1], units)
    if isinstance(layer, Flatten):
        return (int(np.prod(shape)),)
    if isinstance(layer, Reshape):
        return _reshaped(name, layer.shape, shape)
    if isinstance(layer, (Softmax, LogSoftmax)):
        rank = len(shape) + 1
        if not -rank <= layer.axis < rank:
            raise ExportError(f"{name}: axis is {layer.axis}; its input has {rank} axes")
    return shape


def _reshaped(name: str, wanted: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    size, known = int(np.prod(shape)), 1
    for length in wanted:
        known *= 1 if length == -1 else length
    open_axes = wanted.count(-1)
    fits = known > 0 and (size % known == 0 if open_axes == 1 else size == known)
    if open_axes > 1 or min(wanted, default=0) < -1 or not fits:
        raise ExportError(f"{name}: samples of shape {shape} do not fit into {wanted}")
    return tuple(size // known if length == -1 else length for length in wanted)
