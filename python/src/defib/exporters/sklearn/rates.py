"""How estimators change their learning rate, from what they keep of their training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import schedules
from ..arrays import Array

Rates = dict[str, Any]


def of_perceptron(model: Any, batches: int, epochs: int) -> Rates | None:
    """Return schedule and present rate of a network that trains by SGD; None: not known.

    Its rate changes between epochs, of `batches` updates each.
    """
    first = float(model.learning_rate_init)
    if model.learning_rate == "invscaling":
        seen = float(model.t_) / epochs * np.arange(epochs)
        rates = np.append(first, first / (seen[1:] + 1) ** float(model.power_t))
    else:
        rates = np.array(_adapted(model, first))
    now = getattr(getattr(model, "_optimizer", None), "learning_rate", None)
    after = _after(model, first)
    if now is None or not np.isclose(after, float(now), rtol=1e-6):
        return None
    return _held(schedules.knots(np.arange(len(rates)) * batches, rates), first, float(now))


def _after(model: Any, first: float) -> float:
    """Return the rate after the last epoch."""
    if model.learning_rate == "invscaling":
        return float(first / (float(model.t_) + 1) ** float(model.power_t))
    return _adapted(model, first, one_more=True)[-1]


def _adapted(model: Any, first: float, *, one_more: bool = False) -> list[float]:
    """Return the rate of each epoch where it is divided by 5 once the loss stays where it is."""
    scores = getattr(model, "validation_scores_", None) if model.early_stopping else None
    values = [-loss for loss in model.loss_curve_] if scores is None else list(scores)
    rates, best, stays = [first], -np.inf, 0
    for value in values:
        better = value >= best + model.tol
        stays = 0 if better else stays + 1
        best = max(best, value)
        rate = rates[-1]
        if stays > model.n_iter_no_change:
            stays = 0
            rate = rate if rate <= 1e-6 else rate / 5.0
        rates.append(rate)
    return rates if one_more else rates[: max(1, len(values))]


def of_linear(model: Any, first: float, updates: int) -> Rates | None:
    """Return schedule and present rate of a linear estimator, by its formula; None: it has none."""
    formula: Callable[[Array], Array]
    if model.learning_rate == "invscaling":
        power = float(model.power_t)

        def formula(place: Array) -> Array:
            return np.asarray(first / (place + 1.0) ** power)

    elif model.learning_rate == "optimal":
        alpha = float(model.alpha) or 1e-12
        start = 1.0 / (first * alpha)

        def formula(place: Array) -> Array:
            return np.asarray(1.0 / (alpha * (start + place)))

    else:
        return None
    now = float(formula(np.array([updates]))[0])
    return _held(schedules.of_function(formula, updates), first, now)


def _held(schedule: dict[str, Any], first: float, now: float) -> Rates:
    changed = len(schedule["rates"]) > 1 or now != first
    held = {"schedule": schedule} if changed else {}
    return held | {"current_learning_rate": now}
