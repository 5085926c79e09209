"""Layers, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from .._errors import ExportError
from ..exporters.arrays import Array
from .layer import Layer, Shape


class Sequential:
    """Layers, one after the other.

    Raises:
        ExportError: an item is not a layer, or two layers share a name.
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
            for part, array in layer.arrays().items()
        }


def output_shape(name: str, layer: Layer, shape: Shape) -> Shape:
    """Return the shape that one sample has behind the layer.

    Raises:
        ExportError: the layer does not fit a sample of that shape; the message begins with its
            name.
    """
    try:
        return layer.after(shape)
    except ExportError as error:
        raise ExportError(f"{name}: {error}") from None
