"""Learning rates over a training, as the schedule of run.json: the rate at a few updates."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._errors import ExportError
from .arrays import Array

#: The most knots of a schedule; the engine takes no more.
KNOTS = 512
#: Rates at more updates than these are looked at evenly spread.
_LOOKS = 200_000
#: How far a line may be from the rates, as a share of them, before more knots are worth it.
_NEAR = 0.005
#: Rates below this share of the greatest one need not be met as nearly.
_SMALL = 1e-3
#: Lines that are farther from the rates than this tell less than means do.
_FAR = 0.1
#: Knots up to this many are kept as steps, which are exact.
_STEPS = 64


@dataclass(frozen=True)
class Pace:
    """How long a training took, as far as it is known."""

    updates: int | None = None
    epochs: int | None = None

    def per_update(self, count: int) -> float:
        """Return how many of `count` changes of a rate there were per update.

        One per update or one per epoch, where `count` is either of these or differs by one, as at
        the end of an interrupted training; else they are spread evenly over the updates. Without
        a known length there is one per update.
        """
        updates, epochs = self.updates, self.epochs
        if not updates or abs(count - updates) <= 1:
            return 1.0
        if epochs and abs(count - epochs) <= 1:
            return epochs / updates
        return count / updates


def of_steps(rates: Sequence[float] | Array, pace: Pace, changes: int) -> dict[str, Any]:
    """Return the schedule of rates that were taken one after another.

    Args:
        rates: The first rate, and the one after each change.
        pace: The length of the training.
        changes: How many changes there were in all of it.

    Raises:
        ExportError: there is none, or one of them is no rate.
    """
    held = checked(rates, "scheduler")
    share = pace.per_update(max(1, changes))
    # The change number i comes before the first update that has i changes behind it.
    places = np.ceil(np.arange(len(held)) / share - 1e-9).astype(np.int64)
    if pace.updates:
        held, places = held[places < pace.updates], places[places < pace.updates]
    last = np.append(places[1:] != places[:-1], True)  # of several before one update, the last
    return knots(places[last], held[last])


def of_function(
    rate: Callable[[Array], Array], updates: int, looks: int = _LOOKS
) -> dict[str, Any]:
    """Return the schedule of a function from updates (whole numbers from 0) to rates.

    It is asked for so many of them, evenly spread, where there are more.
    """
    if updates > looks:
        places = np.unique(np.linspace(0, updates - 1, looks).astype(np.int64))
    else:
        places = np.arange(max(1, updates), dtype=np.int64)
    return knots(places, checked(rate(places), "scheduler"))


def checked(rates: Any, what: str) -> Array:
    """Return rates as float64.

    Raises:
        ExportError: they are no flat series of finite numbers ≥ 0, or there are none.
    """
    try:
        held = np.asarray([float(rate) for rate in rates])
    except (TypeError, ValueError) as error:
        raise ExportError(f"{what} is no list of learning rates: {error}") from error
    if not held.size:
        raise ExportError(f"{what} is empty; expected the learning rates of the training")
    wrong = np.flatnonzero(~np.isfinite(held) | (held < 0))
    if wrong.size:
        raise ExportError(
            f"{what} has the rate {held[wrong[0]]} at {wrong[0]}; expected finite numbers ≥ 0"
        )
    return held


def knots(places: Array, rates: Array) -> dict[str, Any]:
    """Return the schedule of rates that hold from these updates on; the first place is 0.

    Few changes are kept as steps. Many become lines that are within 1 % of the rates (of
    small ones: of a thousandth of the greatest), or as near as the greatest number of knots allows,
    and means where that is not near.
    """
    changes = np.append(True, rates[1:] != rates[:-1])
    if np.count_nonzero(changes) <= _STEPS:
        return _entry(places[changes], rates[changes], "constant")
    if len(places) > _LOOKS:
        looks = np.unique(np.linspace(0, len(places) - 1, _LOOKS).astype(np.int64))
        places, rates = places[looks], rates[looks]
    # A step is a knot before it and one after it.
    before = np.flatnonzero((rates[1:] != rates[:-1]) & (places[1:] - places[:-1] > 1))
    at = np.concatenate([places, places[before + 1] - 1])
    order = np.argsort(at, kind="stable")
    at, values = at[order], np.concatenate([rates, rates[before]])[order]
    near, kept = _NEAR, _lines(at, values, _NEAR)
    while len(kept) > KNOTS:
        near *= 2
        if near > _FAR:
            return _means(places, rates)
        kept = _lines(at, values, near)
    return _entry(at[kept], values[kept], "linear")


def _means(places: Array, rates: Array) -> dict[str, Any]:
    """Return steps at the mean of a rate that goes up and down too often for lines."""
    parts = np.array_split(np.arange(len(places)), KNOTS)
    ends = np.append(places, places[-1] + 1)
    lasting = ends[1:] - ends[:-1]
    means = [np.average(rates[part], weights=lasting[part]) for part in parts]
    return _entry(places[[part[0] for part in parts]], np.array(means), "constant")


def _lines(at: Array, values: Array, near: float) -> list[int]:
    """Return the points through which lines pass by all others within a share of their rates."""
    slack = near * np.maximum(values, _SMALL * values.max())
    lows, highs = (values - slack).tolist(), (values + slack).tolist()
    places, rates = at.tolist(), values.tolist()
    kept, start = [0], 0
    steepest, flattest = math.inf, -math.inf
    for i in range(1, len(places)):
        way = places[i] - places[start]
        if not flattest <= (rates[i] - rates[start]) / way <= steepest:
            start = i - 1
            kept.append(start)
            way, steepest, flattest = places[i] - places[start], math.inf, -math.inf
        flattest = max(flattest, (lows[i] - rates[start]) / way)
        steepest = min(steepest, (highs[i] - rates[start]) / way)
    return [*kept, len(places) - 1] if len(places) > 1 else kept


def _entry(places: Array, rates: Array, interpolation: str) -> dict[str, Any]:
    return {
        "updates": [int(place) for place in places], "rates": [float(rate) for rate in rates],
        "interpolation": interpolation,
    }  # fmt: skip


def rate_at(schedule: Mapping[str, Any], update: float) -> float:
    """Return the rate of a schedule at an update."""
    updates, rates = schedule["updates"], schedule["rates"]
    if schedule.get("interpolation") == "linear":
        return float(np.interp(update, updates, rates))
    return float(rates[max(0, int(np.searchsorted(updates, update, side="right")) - 1)])


def normalised(value: Any) -> dict[str, Any]:
    """Check a schedule that was written by hand, and return it as run.json has it.

    Raises:
        ExportError: it is no object with `updates` that rise from 0 and as many `rates`.
    """
    if not isinstance(value, Mapping) or not {"updates", "rates"} <= set(value):
        raise ExportError(
            f"schedule is {value!r}; expected a dict such as "
            '{"updates": [0, 30], "rates": [0.1, 0.01]}'
        )
    strangers = sorted(set(value) - {"updates", "rates", "interpolation"})
    if strangers:
        raise ExportError(f"schedule has {strangers}; it has updates, rates and interpolation")
    interpolation = value.get("interpolation", "constant")
    if interpolation not in ("constant", "linear"):
        raise ExportError(
            f"schedule: interpolation is {interpolation!r}; expected 'constant' or 'linear'"
        )
    rates = checked(value["rates"], "schedule: rates")
    updates = list(value["updates"])
    whole = all(isinstance(u, (int, np.integer)) and not isinstance(u, bool) for u in updates)
    rising = whole and all(a < b for a, b in itertools.pairwise(updates))
    if not rising or updates[:1] != [0] or len(updates) != len(rates):
        raise ExportError(
            f"schedule: updates are {updates[:8]}; expected one whole number for each of the "
            f"{len(rates)} rates, rising from 0"
        )
    if len(updates) > KNOTS:
        raise ExportError(f"schedule has {len(updates)} updates; expected at most {KNOTS}")
    return _entry(np.asarray(updates), rates, interpolation)
