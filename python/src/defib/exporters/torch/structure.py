"""What a model returns: tensors in tuples, dicts and output classes, taken apart or rebuilt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Outputs(dict[str, Any]):
    """The outputs of a class that is dict and attributes at once, as those of transformers are."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, key: Any) -> Any:
        return list(self.values())[key] if isinstance(key, (int, slice)) else super().get(key)


def leaves(value: Any) -> list[Any]:
    """Return the leaves of a structure in the order of the run's outputs; None is none."""
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in leaves(item)]
    return [] if value is None else [value]


def rebuilt(value: Any, parts: Iterator[Any]) -> Any:
    """Return the same structure with other leaves."""
    if isinstance(value, Mapping):
        held = {str(key): rebuilt(item, parts) for key, item in value.items()}
        plain = type(value).__module__ in ("builtins", "collections")
        return dict(zip(value, held.values(), strict=True)) if plain else Outputs(held)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*[rebuilt(item, parts) for item in value])
    if isinstance(value, (list, tuple)):
        return type(value)(rebuilt(item, parts) for item in value)
    return None if value is None else next(parts)
