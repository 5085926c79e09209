"""PyTorch's optimizer objects as the optimizer of run.json."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from torch import optim

from ..._errors import DefibWarning, ExportError
from ..optimizers import plain

Group = Mapping[str, Any]


def _rate(group: Group) -> Any:
    # A scheduler keeps the rate that the training started with; at the end of a schedule the
    # current one may be zero and would explain nothing.
    return plain(group.get("initial_lr", group["lr"]))


def _sgd(group: Group) -> dict[str, Any]:
    return {
        "learning_rate": _rate(group),
        "momentum": plain(group["momentum"]),
        "dampening": plain(group["dampening"]),
        "nesterov": bool(group["nesterov"]),
        "weight_decay": plain(group["weight_decay"]),
    }


def _adam(group: Group) -> dict[str, Any]:
    return {
        "learning_rate": _rate(group),
        "betas": [plain(beta) for beta in group["betas"]],
        "eps": plain(group["eps"]),
        "weight_decay": plain(group["weight_decay"]),
        "amsgrad": bool(group["amsgrad"]),
    }


def _rmsprop(group: Group) -> dict[str, Any]:
    return {
        "learning_rate": _rate(group),
        "alpha": plain(group["alpha"]),
        "eps": plain(group["eps"]),
        "weight_decay": plain(group["weight_decay"]),
        "momentum": plain(group["momentum"]),
        "centered": bool(group["centered"]),
    }


def _adagrad(group: Group) -> dict[str, Any]:
    if group["lr_decay"]:
        warnings.warn(
            f"Adagrad's lr_decay ({group['lr_decay']}) is left out of the run",
            DefibWarning,
            stacklevel=2,
        )
    return {
        "learning_rate": _rate(group),
        "eps": plain(group["eps"]),
        "weight_decay": plain(group["weight_decay"]),
        "initial_accumulator": plain(group["initial_accumulator_value"]),
    }


_READERS: dict[type[optim.Optimizer], tuple[str, Callable[[Group], dict[str, Any]]]] = {
    optim.SGD: ("sgd", _sgd),
    optim.Adam: ("adam", _adam),
    optim.AdamW: ("adamw", _adam),
    optim.RMSprop: ("rmsprop", _rmsprop),
    optim.Adagrad: ("adagrad", _adagrad),
}


def read(optimizer: Any, names: Mapping[int, str], trainable: list[str]) -> dict[str, Any] | None:
    """Read an optimizer; `names` maps the id of a parameter to its name.

    One that a run does not know gives None and a warning: the rest can still be checked.
    Trainable parameters that the optimizer does not hold are listed under `missing`. Where a
    schedule has changed the learning rate, that of now stands beside the first one.

    Raises:
        ExportError: the optimizer maximizes.
    """
    kind, reader = _READERS.get(type(optimizer), (None, None))
    if kind is None or reader is None:
        warnings.warn(
            f"optimizer {type(optimizer).__name__} is not known and is left out of the run; known "
            f"are {', '.join(known.__name__ for known in _READERS)}. Pass the nearest one as a "
            'dict, such as {"kind": "adam", "learning_rate": 1e-3}',
            DefibWarning,
            stacklevel=2,
        )
        return None
    read_groups = []
    for group in optimizer.param_groups:
        if group.get("maximize"):
            raise ExportError(
                f"optimizer {type(optimizer).__name__} maximizes; pass the negated loss"
            )
        held = [names[id(p)] for p in group["params"] if id(p) in names]
        read_groups.append((held, reader(group)))
    if kind == "adam" and optimizer.param_groups[0].get("decoupled_weight_decay"):
        kind = "adamw"
    return {"kind": kind} | _grouped(read_groups, trainable) | _rates(optimizer)


def updates(optimizer: Any) -> int | None:
    """Return the updates that an optimizer has made; None: it does not tell, or not one number."""
    states = optimizer.state.values() if isinstance(optimizer, optim.Optimizer) else ()
    counts = {int(plain(state["step"])) for state in states if "step" in state}
    return counts.pop() if len(counts) == 1 else None


def _rates(optimizer: optim.Optimizer) -> dict[str, Any]:
    """Return the rate of now, and the first one where a loop has lowered it by hand.

    The optimizer keeps the rate that it was made with among its defaults. One that keeps averages
    and has none has not made a step: that its rate is still the first says nothing of the training.
    """
    group = optimizer.param_groups[0]
    now, made, first = plain(group["lr"]), plain(optimizer.defaults.get("lr")), _rate(group)
    if len(optimizer.param_groups) == 1 and "initial_lr" not in group and made is not None:
        first = max(first, made)
    averages = not isinstance(optimizer, optim.SGD) or group["momentum"]
    if now == first and averages and not optimizer.state:
        return {}
    return {"learning_rate": first, "current_learning_rate": now}


def _grouped(
    groups: list[tuple[list[str], dict[str, Any]]], trainable: list[str]
) -> dict[str, Any]:
    common = groups[0][1]
    listed: list[dict[str, Any]] = []
    if len(groups) > 1:
        for held, settings in groups:
            differing = {key: value for key, value in settings.items() if value != common[key]}
            listed.append({"parameters": held} | differing)
    covered = {name for held, _ in groups for name in held}
    forgotten = [name for name in trainable if name not in covered]
    entry = common | ({"groups": listed} if listed else {})
    return entry | ({"missing": forgotten} if forgotten else {})
