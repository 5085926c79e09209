"""Keras' optimizer objects as the optimizer of run.json."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from ..._errors import DefibWarning, ExportError
from .. import schedules
from ..arrays import Array


def scheduled(optimizer: Any) -> bool:
    """Whether a schedule sets the learning rate."""
    rate = getattr(getattr(optimizer, "inner_optimizer", optimizer), "_learning_rate", None)
    return isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)


def learning_rate(optimizer: Any) -> float:
    """Return the learning rate: of a schedule the first one."""
    rate = getattr(optimizer, "_learning_rate", optimizer.learning_rate)
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return _number(rate(0))
    return _number(optimizer.learning_rate)


def _number(value: Any) -> float:
    return float(keras.ops.convert_to_numpy(value))


def schedule_of(rate: Any, updates: int, every: int = 1) -> dict[str, Any]:
    """Return what a LearningRateSchedule gives for so many updates, each of `every` batches."""

    def at(places: Array) -> Array:
        # An update is made in the last of its batches, by whose number Keras asks.
        return np.array([_number(rate(int(place) * every + every - 1)) for place in places])

    if isinstance(rate, keras.optimizers.schedules.PiecewiseConstantDecay):
        ends = [0, *((int(_number(end)) + 1) // every for end in rate.boundaries)]
        places = np.unique([end for end in ends if end < updates])
        return schedules.knots(places, at(places))
    return schedules.of_function(at, updates, looks=2000)


def loop_of(optimizer: Any) -> dict[str, Any]:
    """Return what an optimizer does to gradients before an update: a clip, an accumulation."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    result: dict[str, Any] = {}
    for name, kind in _CLIPS:  # the first one counts, as in Keras
        bound = getattr(optimizer, name, None)
        if bound and bound > 0:
            result["clip"] = {kind: float(bound)}
            break
    every = getattr(optimizer, "gradient_accumulation_steps", None)
    return result | ({"accumulation": int(every)} if every else {})


def updates_of(optimizer: Any) -> int:
    """Return the updates that an optimizer has made."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    return int(_number(optimizer.iterations))


def _sgd(optimizer: Any) -> dict[str, Any]:
    return {"momentum": float(optimizer.momentum), "nesterov": bool(optimizer.nesterov)}


def _adam(optimizer: Any) -> dict[str, Any]:
    return {
        "betas": [float(optimizer.beta_1), float(optimizer.beta_2)],
        "eps": float(optimizer.epsilon), "amsgrad": bool(optimizer.amsgrad), "epsilon_hat": True,
    }  # fmt: skip


def _rmsprop(optimizer: Any) -> dict[str, Any]:
    return {
        "alpha": float(optimizer.rho), "eps": float(optimizer.epsilon),
        "momentum": float(optimizer.momentum), "centered": bool(optimizer.centered),
        "epsilon_inside": True,
    }  # fmt: skip


def _adagrad(optimizer: Any) -> dict[str, Any]:
    return {
        "eps": float(optimizer.epsilon),
        "initial_accumulator": float(optimizer.initial_accumulator_value), "epsilon_inside": True,
    }  # fmt: skip


_READERS: dict[str, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    "SGD": ("sgd", _sgd),
    "Adam": ("adam", _adam),
    "AdamW": ("adamw", _adam),
    "RMSprop": ("rmsprop", _rmsprop),
    "Adagrad": ("adagrad", _adagrad),
}

#: what changes the weights outside the update rule
_LEFT_OUT = ("use_ema",)

#: an optimizer's bounds of gradients -> what a clip of run.json calls them
_CLIPS = (("clipnorm", "parameter_norm"), ("global_clipnorm", "norm"), ("clipvalue", "value"))


def read(optimizer: Any) -> dict[str, Any]:
    """Read an optimizer of Keras.

    Raises:
        ExportError: it is none of SGD, Adam, AdamW, RMSprop and Adagrad.
    """
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    name = type(optimizer).__name__
    if name not in _READERS or not type(optimizer).__module__.startswith("keras.src."):
        raise ExportError(
            f"optimizer {name} is not known; known are {', '.join(_READERS)}. Pass the nearest "
            'one as a dict, such as {"kind": "adam", "learning_rate": 1e-3}'
        )
    kind, reader = _READERS[name]
    rate = learning_rate(optimizer)
    notes = []
    entry = {"kind": kind, "learning_rate": rate, **reader(optimizer)}
    now = (
        float(keras.ops.convert_to_numpy(optimizer.learning_rate)) if scheduled(optimizer) else rate
    )
    # That of one that has made no step says nothing of the training.
    if now != rate or int(keras.ops.convert_to_numpy(optimizer.iterations)) > 0:
        entry["current_learning_rate"] = now
    decay = float(optimizer.weight_decay or 0.0)
    if decay and kind in ("adam", "adamw"):
        entry |= {"kind": "adamw", "weight_decay": decay}
    elif decay:
        entry |= {"weight_decay": decay, "decoupled": True}
    left = [part for part in _LEFT_OUT if getattr(optimizer, part, None)]
    if left:
        notes.append(f"{', '.join(left)} {'is' if len(left) == 1 else 'are'} left out")
    if notes:
        warnings.warn(f"optimizer {name}: {'; '.join(notes)}", DefibWarning, stacklevel=2)
    if entry["kind"] == "adamw" and "weight_decay" not in entry:
        entry["weight_decay"] = 0.0
    return entry
