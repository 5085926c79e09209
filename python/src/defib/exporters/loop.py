"""What the loop of a training does beside its optimizer: clips, accumulation, schedules."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from .._errors import DefibWarning, ExportError
from . import schedules
from .document import RunDocument
from .schedules import Pace

#: What a clip can bound: the norm of all gradients, that of each parameter's, each element.
_CLIPS = ("norm", "parameter_norm", "value")


def clip(value: Any) -> dict[str, float]:
    """Return a clip as run.json has it; a number bounds the norm of all gradients together.

    Raises:
        ExportError: it is neither a number nor a dict with one of the known keys.
    """
    given = value if isinstance(value, Mapping) else {"norm": value}
    if len(given) != 1 or next(iter(given)) not in _CLIPS:
        raise ExportError(
            f"clip is {value!r}; expected a number, the largest norm of all gradients together, or "
            f"a dict with one of {', '.join(_CLIPS)}"
        )
    ((kind, bound),) = given.items()
    real = isinstance(bound, (int, float, np.integer, np.floating)) and not isinstance(bound, bool)
    if not real or not np.isfinite(bound) or bound < 0:
        raise ExportError(f"clip: {kind} is {bound!r}; expected a finite number ≥ 0")
    return {kind: float(bound)}


def pace(document: RunDocument) -> Pace:
    """Return how long the training took: by its steps, its epochs, or its recorded loss."""
    training = document.training
    epochs, steps = training.get("epochs"), training.get("steps")
    loss = document.history.get("loss")
    if loss is not None:
        length = len(document.arrays[loss["file"]])
        if loss["per"] == "epoch":
            epochs = epochs or length
        elif not epochs:
            steps = steps or length
    if steps is None and epochs:
        rows = max((len(document.arrays[path]) for path in document.data.values()), default=0)
        batches = -(-rows // training["batch_size"]) if training.get("batch_size") else 1
        steps = epochs * -(-batches // training.get("accumulation", 1))
    return Pace(steps, epochs)


def add_schedule(document: RunDocument, scheduler: Any) -> None:
    """Put a list of rates, or a schedule by hand, into the optimizer of the run.

    Without an optimizer there is nothing that it could change: that is a `DefibWarning`.

    Raises:
        ExportError: it is neither.
    """
    if scheduler is None:
        return
    if isinstance(scheduler, Mapping):
        held = schedules.normalised(scheduler)
    elif isinstance(scheduler, (list, tuple, np.ndarray)):
        held = schedules.of_steps(scheduler, pace(document), len(scheduler))
    else:
        raise ExportError(
            f"scheduler is {type(scheduler).__name__}; expected the learning rates as a list, or a "
            'dict such as {"updates": [0, 30], "rates": [0.1, 0.01]}'
        )
    set_schedule(document, held)


def set_schedule(document: RunDocument, schedule: Mapping[str, Any]) -> None:
    """Give the optimizer of the run a schedule, and the rate at which that ends."""
    optimizer = document.training.get("optimizer")
    if optimizer is None:
        warnings.warn(
            "scheduler is left out of the run, which has no optimizer whose rate it could change",
            DefibWarning,
            stacklevel=2,
        )
        return
    rates = schedule["rates"]
    if len(rates) == 1 and rates[0] == optimizer["learning_rate"]:
        return  # it has not changed anything
    optimizer["schedule"] = dict(schedule)
    optimizer.setdefault("current_learning_rate", rates[-1])
