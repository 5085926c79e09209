"""Keras' optimizer objects as the optimizer of run.json."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras

from ..._errors import DefibWarning, ExportError


def scheduled(optimizer: Any) -> bool:
    """Whether a schedule sets the learning rate."""
    rate = getattr(getattr(optimizer, "inner_optimizer", optimizer), "_learning_rate", None)
    return isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)


def learning_rate(optimizer: Any) -> tuple[float, str]:
    """Return the learning rate, and a note where it is the first one of a schedule."""
    rate = getattr(optimizer, "_learning_rate", optimizer.learning_rate)
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        first = float(keras.ops.convert_to_numpy(rate(0)))
        return first, f"of the schedule {type(rate).__name__} the first rate, {first:g}, is used"
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate)), ""


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

#: what changes the gradients or the weights outside the update rule
_LEFT_OUT = (
    "clipnorm", "clipvalue", "global_clipnorm", "use_ema", "gradient_accumulation_steps",
)  # fmt: skip


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
    rate, note = learning_rate(optimizer)
    notes = [note] if note else []
    entry = {"kind": kind, "learning_rate": rate, **reader(optimizer)}
    if scheduled(optimizer):
        now = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
        entry |= {"current_learning_rate": now} if now != rate else {}
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
