"""Values at the edges of what a run can say."""

from __future__ import annotations

from random import Random
from typing import Any

#: Whole numbers around the limits of the types that an engine may put them in.
WHOLE = [
    0, 1, -1, 2, 3, 7, -2, 255, 4096, 65_536, 10**6, 2**30, 2**31 - 1, 2**31, -(2**31), 2**32,
    2**36, 2**40, 2**53, 2**56, 2**62, 2**63 - 1, -(2**63), 2**63, 2**64,
]  # fmt: skip

REAL = [
    0.0, -0.0, 1.0, -1.0, 0.5, 1e-3, 1e-45, 1e-308, 1e-320, 3.5e38, 1e300, 1.7e308, -1e300,
    float("nan"), float("inf"), float("-inf"), 0.999999999, 1e15,
]  # fmt: skip

TEXT = ["", "NaN", "nan", "inf", "none", "mean", "sum", "0", "../x", "\0", "x" * 300, "ÿ", "auto"]


def number(rng: Random) -> int | float:
    """Return a number, small ones as often as extreme ones."""
    kind = rng.random()
    if kind < 0.3:
        return rng.randint(-4, 9)
    return rng.choice(WHOLE) if kind < 0.7 else rng.choice(REAL)


def whole(rng: Random) -> int:
    """Return a whole number, small ones as often as extreme ones."""
    return rng.randint(-4, 9) if rng.random() < 0.5 else rng.choice(WHOLE)


def wholes(rng: Random) -> list[int]:
    """Return a list of whole numbers, such as a shape or a list of pads."""
    if rng.random() < 0.1:
        return [whole(rng)] * rng.choice([0, 1, 9, 33, 300])
    return [whole(rng) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4, 5, 8]))]


def anything(rng: Random) -> Any:
    """Return a value of any type that JSON has."""
    kind = rng.randrange(9)
    if kind < 3:
        return number(rng)
    if kind == 3:
        return wholes(rng)
    if kind == 4:
        return [number(rng) for _ in range(rng.randrange(4))]
    if kind == 5:
        return rng.choice([None, True, False])
    if kind == 6:
        return rng.choice([{}, [], [[]], {"a": 1}, [None], [""]])
    return rng.choice(TEXT)


def near(rng: Random, value: Any) -> Any:
    """Return a value of the same type mostly, or of any."""
    if rng.random() < 0.1:
        return anything(rng)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return whole(rng)
    if isinstance(value, float):
        return rng.choice([number(rng), -value, value * 1e6, value * 1e-6])
    if isinstance(value, str):
        return rng.choice(TEXT)
    if isinstance(value, list):
        return _list(rng, value)
    return anything(rng)


def _list(rng: Random, value: list[Any]) -> list[Any]:
    kind = rng.randrange(6)
    changed = list(value)
    if kind == 0 or not changed:
        return wholes(rng)
    place = rng.randrange(len(changed))
    if kind == 1:
        del changed[place]
    elif kind == 2:
        changed.insert(place, changed[place])
    elif kind == 3:
        rng.shuffle(changed)
    elif kind == 4:
        changed[place] = changed[rng.randrange(len(changed))]
    else:
        changed[place] = near(rng, changed[place])
    return changed
