"""Changes to run.json that know nothing of what it means."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

from .. import values
from ..subject import Subject


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Return every container of the tree with each of its keys."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        place = waiting.pop()
        keys = list(place) if isinstance(place, dict) else range(len(place))
        for key in keys:
            found.append((place, key))
            if isinstance(place[key], (dict, list)):
                waiting.append(place[key])
    return found


def replace(rng: Random, subject: Subject) -> None:
    """Put another value in any place."""
    places = _places(subject.document)
    if places:
        place, key = rng.choice(places)
        place[key] = values.near(rng, place[key])


def remove(rng: Random, subject: Subject) -> None:
    """Take anything away."""
    places = _places(subject.document)
    if places:
        place, key = rng.choice(places)
        del place[key]


def move(rng: Random, subject: Subject) -> None:
    """Put what stands in one place in another too."""
    places = _places(subject.document)
    if len(places) > 1:
        (place, key), (other, where) = rng.sample(places, 2)
        moved = other[where]
        place[key] = copy.deepcopy(moved)


ALL = [replace, remove, move]
