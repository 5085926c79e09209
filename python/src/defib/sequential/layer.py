"""What every layer has: a name, parameters, and a rule for shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .._errors import ExportError
from ..exporters.arrays import Array, as_array

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """Base of all layers. `name` is what findings call it; by default kind and number."""

    name: str | None = field(default=None, kw_only=True)

    @property
    def kind(self) -> str:
        """The lowercase name of the class."""
        return type(self).__name__.lower()

    @property
    def where(self) -> str:
        """What errors call the layer before it has a place."""
        return self.name or type(self).__name__

    def arrays(self) -> dict[str, Array]:
        """Return the parameters by their names inside the layer."""
        return {}

    def frozen(self) -> tuple[str, ...]:
        """Return the names of the parameters that no gradient changes."""
        return ()

    def after(self, shape: Shape) -> Shape:
        """Return the shape that one sample has behind the layer.

        Raises:
            ExportError: the layer does not fit a sample of that shape.
        """
        return shape

    def hold(self, part: str, *shape: int | None, optional: bool = False) -> None:
        """Turn the attribute `part` into an array of that shape; None stands for any length.

        Raises:
            ExportError: it has another shape.
        """
        value: Any = getattr(self, part)
        if value is None and optional:
            return
        array = as_array(value, f"{self.where}: {part}")
        if len(shape) == 1 and array.ndim == 2 and array.shape[0] == 1:
            array = array[0]  # a row, as NumPy scripts often keep their biases
        fits = array.ndim == len(shape) and all(
            wanted in (None, found) for wanted, found in zip(shape, array.shape, strict=True)
        )
        if not fits:
            raise ExportError(
                f"{self.where}: {part} has shape {array.shape}; expected {described(shape)}"
            )
        object.__setattr__(self, part, array)

    def positive(self, part: str, length: int | None = None) -> None:
        """Turn the attribute `part` into whole numbers of at least 1, `length` of them.

        Raises:
            ExportError: it is something else.
        """
        object.__setattr__(self, part, whole(self.where, part, getattr(self, part), 1, length))


def described(shape: Sequence[int | None]) -> str:
    """Write a shape, with n for any length."""
    inside = ", ".join("n" if length is None else str(length) for length in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def whole(where: str, part: str, value: Any, least: int, length: int | None) -> Any:
    """Return a whole number, or a tuple of `length` of them; one number stands for all.

    Raises:
        ExportError: it is something else, or less than `least`.
    """
    items = list(value) if isinstance(value, (tuple, list)) else [value] * (length or 1)
    fits = all(isinstance(i, int) and not isinstance(i, bool) and i >= least for i in items)
    if not fits or len(items) != (length or 1):
        wanted = "a whole number" if length in (None, 1) else f"one or {length} whole numbers"
        raise ExportError(f"{where}: {part} is {value!r}; expected {wanted} of at least {least}")
    return items[0] if length is None else tuple(items)
