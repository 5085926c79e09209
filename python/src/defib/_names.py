"""Unique names."""

from __future__ import annotations

from collections.abc import Callable


class Names:
    """Hands out unique names."""

    def __init__(self, key: Callable[[str], str] = str) -> None:
        self._taken: set[str] = set()
        self._key = key

    def unique(self, wanted: str) -> str:
        """Return `wanted`, or `wanted_1`, `wanted_2`, … where it is taken."""
        name, number = wanted, 0
        while self._key(name) in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(self._key(name))
        return name
