"""What a compiled and trained model knows about its training."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from ..._errors import DefibWarning, ExportError
from .. import loop
from ..document import RunDocument
from ..settings import Settings
from . import optimizer as optimizers
from .lowering import Lowering

#: The batch size of fit() when none is given.
KERAS_BATCH = 32

#: Penalties that a run can hold; a subclass may compute anything.
_PENALTIES = (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2)


def refuse_own_loss(model: Any) -> None:
    """Refuse a compiled loss that the model itself does not use; warn about its own train_step.

    Raises:
        ExportError: the model's class has its own compute_loss.
    """
    kind = type(model)
    if kind.compute_loss is not keras.Model.compute_loss:
        raise ExportError(
            f"{kind.__name__} has a compute_loss of its own, which no run can hold; pass the "
            "nearest known loss as loss=…"
        )
    if kind.train_step is not keras.Model.train_step:
        warnings.warn(
            f"{kind.__name__} has a train_step of its own; the run has the loss and the optimizer "
            "that it is compiled with, in a step of Keras",
            DefibWarning,
            stacklevel=2,
        )


def tell_constraints(model: Any) -> None:
    """Warn about constraints: they change updates, not losses and gradients."""
    held = [str(v.path) for v in model.trainable_weights if getattr(v, "constraint", None)]
    if held:
        text = f"constraints are left out of the run: {', '.join(held)}"
        warnings.warn(text, DefibWarning, stacklevel=2)


def completed(model: Any, settings: Settings, rows: int) -> Settings:
    """Take from the model what the caller did not say: epochs, history, and the batch size.

    Without a batch size, Keras' default is taken if the number of steps of the last fit() is that
    of batches of 32.
    """
    past = getattr(model, "history", None)
    if not isinstance(past, keras.callbacks.History) or not getattr(past, "epoch", None):
        return settings
    changes: dict[str, Any] = {}
    steps = (past.params or {}).get("steps")
    if settings.history is None:
        changes["history"] = {
            name: values for name, values in past.history.items() if _numbers(values)
        }
    if settings.epochs is None:
        changes["epochs"] = len(past.epoch)
    if settings.batch_size is None:
        changes["batch_size"] = batch_of(rows, steps)
    if settings.steps is None and steps:
        batches = int(steps) * int(changes.get("epochs") or settings.epochs or 1)
        changes["steps"] = updates_in(batches, model, settings.accumulation)
    return replace(settings, **changes)


def updates_in(batches: int, model: Any, accumulation: int | None = None) -> int | None:
    """Return how many updates so many batches make; None: not one."""
    every = accumulation or optimizers.loop_of(used(model, None)).get("accumulation", 1)
    return batches // every or None


def used(model: Any, given: Any) -> Any:
    """Return the optimizer object that trained: the one given, or that of the model; or None."""
    if isinstance(given, str):
        return keras.optimizers.get(given)
    return getattr(model, "optimizer", None) if given is None else given


def add_loop(document: RunDocument, optimizer: Any, settings: Settings) -> None:
    """Put clip and accumulation of an optimizer into the run, unless the caller said others."""
    for key, value in optimizers.loop_of(optimizer).items():
        if getattr(settings, key) is None:
            document.training[key] = value


def add_schedule(document: RunDocument, optimizer: Any, scheduler: Any) -> None:
    """Put the rates of a LearningRateSchedule into the run, or those that the caller wrote.

    Raises:
        ExportError: the caller gave something else.
    """
    rate = scheduler
    if rate is None and optimizers.scheduled(optimizer) and "optimizer" in document.training:
        rate = getattr(optimizer, "inner_optimizer", optimizer)._learning_rate
    if not isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        loop.add_schedule(document, rate)
        return
    made = optimizers.updates_of(optimizer) if optimizers.scheduled(optimizer) else 0
    updates = made or loop.pace(document).updates
    if updates:
        every = document.training.get("accumulation", 1)
        loop.set_schedule(document, optimizers.schedule_of(rate, updates, every))


def batch_of(rows: int, steps: int | None) -> int | None:
    """Return the default batch size of fit(), if `rows` make that many steps of it."""
    return KERAS_BATCH if steps and math.ceil(rows / KERAS_BATCH) == steps else None


def _numbers(values: Sequence[Any]) -> bool:
    return bool(values) and all(getattr(value, "shape", ()) == () for value in values)


def optimizer_of(model: Any, given: Any, lowering: Lowering) -> Mapping[str, Any] | str | None:
    """Return the optimizer as a dict: the one given, or the one that the model is compiled with.

    Raises:
        ExportError: the one given is not known; one that only the model knows is a warning.
    """
    if isinstance(given, (str, Mapping)):
        return optimizers.read(keras.optimizers.get(given)) if isinstance(given, str) else given
    if given is not None:
        if not isinstance(given, keras.optimizers.Optimizer):
            raise ExportError(
                f"optimizer is {type(given).__name__}; expected a keras.optimizers.Optimizer, its "
                "name or a dict"
            )
        return _grouped(model, given, lowering)
    held = getattr(model, "optimizer", None)
    if held is None:
        return None
    try:
        return _as_trained(model, held, _grouped(model, held, lowering))
    except ExportError as error:
        warnings.warn(f"the run has no optimizer: {error}", DefibWarning, stacklevel=2)
        return None


def _as_trained(model: Any, optimizer: Any, entry: dict[str, Any]) -> dict[str, Any]:
    """Tell the first rate from the one of now where callbacks of fit() have changed it."""
    past = getattr(getattr(model, "history", None), "history", None) or {}
    rates = past.get("learning_rate")
    if rates and not optimizers.scheduled(optimizer):
        entry["learning_rate"] = float(np.asarray(rates[0]))
    return entry


def _grouped(model: Any, optimizer: Any, lowering: Lowering) -> dict[str, Any]:
    """Read an optimizer, with a group for the variables that it excludes from its decay."""
    entry = optimizers.read(optimizer)
    decays = getattr(getattr(optimizer, "inner_optimizer", optimizer), "_use_weight_decay", None)
    if entry.get("weight_decay") and decays is not None:
        spared = [lowering.parameter(v) for v in model.trainable_weights if not decays(v)]
        if spared:
            entry["groups"] = [{"parameters": spared, "weight_decay": 0.0}]
    missing = _missing(model, optimizer, lowering)
    return entry | ({"missing": missing} if missing else {})


def _missing(model: Any, optimizer: Any, lowering: Lowering) -> list[str]:
    """Name the weights of the run that an optimizer was not built with; none while it is not built.

    A loop of one's own may give it the gradients of some variables alone, or of another model.
    """
    held = getattr(getattr(optimizer, "inner_optimizer", optimizer), "_trainable_variables", ())
    if not getattr(optimizer, "built", False) or not held:
        return []
    known = {id(v) for v in held}
    names = lowering.parameters
    return [names[id(v)] for v in model.trainable_weights if id(v) in names and id(v) not in known]


def regularization(model: Any, lowering: Lowering, *, verify: bool) -> list[dict[str, Any]]:
    """Return the penalties of the kernels and biases: `l1 · Σ|w| + l2 · Σw²`.

    Keras counts those of trainable variables alone.

    Raises:
        ExportError: there is another penalty, and the export is to be proved.
    """
    entries = []
    for variable in model.trainable_weights:
        rule = getattr(variable, "regularizer", None)
        if rule is None:
            continue
        name = lowering.parameter(variable)
        l1, l2 = (float(getattr(rule, part, 0.0) or 0.0) for part in ("l1", "l2"))
        if type(rule) not in _PENALTIES:
            what = getattr(rule, "__name__", type(rule).__name__)
            if verify:
                raise ExportError(
                    f"{name} has the regularizer {what}, which no run can hold; use L1, L2 or "
                    "L1L2, set it to None, or pass verify=False to leave it out"
                )
            text = f"{name}: the regularizer {what} is left out of the run"
            warnings.warn(text, DefibWarning, stacklevel=2)
        elif l1 or l2:
            entry: dict[str, Any] = {"parameter": name}
            entries.append(entry | {k: v for k, v in (("l1", l1), ("l2", l2)) if v})
    return entries
