"""PyTorch's learning rate schedulers as the schedule of run.json: a copy is played again."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.optim import lr_scheduler

from ..._errors import DefibWarning, ExportError
from .. import loop, schedules
from ..arrays import Array
from ..document import RunDocument
from ..optimizers import plain

#: More steps than these are not played again.
_STEPS = 500_000


class _UnknownError(Exception):
    """What a scheduler did cannot be found out; the message says why."""


def add(document: RunDocument, scheduler: Any, optimizer: Any) -> None:
    """Put what schedulers did to the learning rate into the run.

    `scheduler` is one of PyTorch, or several in a list; or, as in every exporter, a list of rates
    or a dict. What a scheduler did is not always known: that is a `DefibWarning`, and the run has
    the first rate and the present one.

    Raises:
        ExportError: it is nothing of the kind.
    """
    several = list(scheduler) if isinstance(scheduler, (list, tuple)) else [scheduler]
    if not several or not any(_is_scheduler(each) for each in several):
        loop.add_schedule(document, scheduler)
        return
    strangers = [each for each in several if not _is_scheduler(each)]
    if strangers:
        raise ExportError(
            f"scheduler holds {type(strangers[0]).__name__}; expected schedulers of PyTorch alone, "
            "or learning rates alone"
        )
    try:
        schedule = _played(several, optimizer, loop.pace(document))
    except _UnknownError as error:
        warnings.warn(
            f"the schedule of the learning rate is left out of the run: {error}. The run has its "
            "first and its present rate; pass scheduler=[rate, rate, …] to give the others",
            DefibWarning,
            stacklevel=2,
        )
        return
    loop.set_schedule(document, schedule)


def optimizer_of(scheduler: Any) -> Any:
    """Return the optimizer whose rate a scheduler sets; None: it is none, or has none."""
    first = scheduler[0] if isinstance(scheduler, (list, tuple)) and scheduler else scheduler
    held = getattr(first, "optimizer", None)
    return held if isinstance(held, torch.optim.Optimizer) else None


def _is_scheduler(value: Any) -> bool:
    if isinstance(value, (lr_scheduler.LRScheduler, lr_scheduler.ReduceLROnPlateau)):
        return True
    # Other packages have schedulers of their own, around an optimizer of PyTorch.
    return callable(getattr(value, "step", None)) and optimizer_of(value) is not None


def _played(several: Sequence[Any], optimizer: Any, pace: schedules.Pace) -> dict[str, Any]:
    """Play copies of schedulers on an optimizer that trains nothing.

    Raises:
        _UnknownError: they cannot be played, or come to another rate than the optimizer has.
    """
    own = optimizer_of(several)
    if own is None or any(optimizer_of(each) is not own for each in several):
        raise _UnknownError("the schedulers belong to several optimizers")
    # Accelerate puts an optimizer of its own around PyTorch's.
    inner = getattr(own, "optimizer", own)
    if isinstance(optimizer, torch.optim.Optimizer) and optimizer not in (own, inner):
        raise _UnknownError("the scheduler changes another optimizer than the one that is given")
    parts = [part for each in several for part in _parts(each)]
    for part in parts:
        if isinstance(part, lr_scheduler.ReduceLROnPlateau):
            raise _UnknownError("what ReduceLROnPlateau did depends on the losses that it saw")
        if not isinstance(part, lr_scheduler.LRScheduler):
            raise _UnknownError(f"{type(part).__name__} is no scheduler of PyTorch")
    taken = [_taken(each) for each in several]
    if max(taken) > _STEPS:
        raise _UnknownError(f"it took {max(taken)} steps, too many to be repeated")
    stand_in = _stand_in(own)
    try:
        rates = _rates(several, own, stand_in, taken)
    except Exception as error:
        raise _UnknownError(f"its steps cannot be repeated ({error})") from error
    _check(rates, own)
    return schedules.of_steps(rates[:, 0], pace, max(taken))


def _parts(scheduler: Any) -> Iterator[Any]:
    """Go through a scheduler and those inside it."""
    yield scheduler
    for inner in getattr(scheduler, "_schedulers", ()):
        yield from _parts(inner)


def _taken(scheduler: Any) -> int:
    """Return the steps that a scheduler took; one that chains others has them count."""
    inner = getattr(scheduler, "_schedulers", None)
    if not hasattr(scheduler, "last_epoch") and inner:
        return max(map(_taken, inner))
    return max(0, int(scheduler.last_epoch))


def _stand_in(optimizer: Any) -> Any:
    """Return an optimizer with the settings of another as they were at first, and no weights."""
    groups = optimizer.param_groups
    made = torch.optim.SGD([{"params": [torch.zeros(1)]} for _ in groups], lr=1.0)
    made.defaults = dict(optimizer.defaults)
    for group, held in zip(made.param_groups, groups, strict=True):
        group.clear()
        group.update({key: copy.copy(value) for key, value in held.items() if key != "params"})
        group["params"] = []
        group["lr"] = group.get("initial_lr", held["lr"])
    return made


def _rates(several: Sequence[Any], own: Any, stand_in: Any, taken: Sequence[int]) -> Array:
    """Return the rate of each group at first and after each step of the busiest scheduler.

    The others step in even distances. Several that step at once do so in their order.
    """
    copies = [copy.deepcopy(each, {id(own): stand_in}) for each in several]
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for each in copies:
            _restart(each, stand_in)
        rates.append([float(plain(group["lr"])) for group in stand_in.param_groups])
        most = max(taken)
        for step in range(1, most + 1):
            for each, steps in zip(copies, taken, strict=True):
                if step * steps // most > (step - 1) * steps // most:
                    each.step()
            rates.append([float(plain(group["lr"])) for group in stand_in.param_groups])
    return np.asarray(rates)


def _restart(scheduler: Any, optimizer: Any) -> None:
    """Take a scheduler back to where its constructor left it."""
    inner = getattr(scheduler, "_schedulers", None)
    if inner is None:
        scheduler.last_epoch = -1
        scheduler._initial_step()
    elif isinstance(scheduler, lr_scheduler.SequentialLR):
        for each in (part for whole in inner for part in _parts(whole)):
            each.last_epoch = -1
        scheduler.last_epoch = 0
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        _restart(inner[0], optimizer)
    else:
        for each in inner:
            _restart(each, optimizer)


def _check(rates: Array, optimizer: Any) -> None:
    """See that the copies came to where the optimizer is, and that its groups went together.

    Raises:
        _UnknownError: they did not.
    """
    now = np.array([float(plain(group["lr"])) for group in optimizer.param_groups])
    if not np.allclose(rates[-1], now, rtol=1e-5, atol=1e-12):
        raise _UnknownError(
            f"its steps lead to the rate {rates[-1][0]:g}, and the optimizer has {now[0]:g}"
        )
    initial = np.array([float(plain(_first(group))) for group in optimizer.param_groups])
    with np.errstate(invalid="ignore", divide="ignore"):
        factors = rates / initial
    if not np.allclose(factors, factors[:, :1], rtol=0.01, equal_nan=True):
        warnings.warn(
            "the optimizer's groups have schedules of their own; the run has that of the first",
            DefibWarning,
            stacklevel=2,
        )


def _first(group: Mapping[str, Any]) -> Any:
    return group.get("initial_lr", group["lr"])
