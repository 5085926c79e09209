"""Optimizers by name or by dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import ExportError
from . import schedules

_ADAM = ("learning_rate", "betas", "eps", "epsilon_hat", "weight_decay", "amsgrad")

#: kind -> its settings, as docs/optimizers.md lists them.
KINDS: dict[str, tuple[str, ...]] = {
    "sgd": ("learning_rate", "momentum", "dampening", "nesterov", "weight_decay", "decoupled"),
    "adam": _ADAM,
    "adamw": _ADAM,
    "rmsprop": (
        "learning_rate", "alpha", "eps", "epsilon_inside", "momentum", "centered", "weight_decay",
        "decoupled",
    ),
    "adagrad": (
        "learning_rate", "eps", "epsilon_inside", "initial_accumulator", "lr_decay",
        "weight_decay", "decoupled",
    ),
}  # fmt: skip

_ALIASES = {"lr": "learning_rate", "initial_accumulator_value": "initial_accumulator"}


def by_hand(optimizer: Any) -> Mapping[str, Any] | str | None:
    """Return what the user wrote for a model that knows no optimizer objects.

    Raises:
        ExportError: it is an object.
    """
    if optimizer is None or isinstance(optimizer, (str, Mapping)):
        return optimizer
    raise ExportError(
        f'optimizer is {type(optimizer).__name__}; expected a dict such as {{"kind": "sgd", '
        '"learning_rate": 0.1}'
    )


def normalised(optimizer: Mapping[str, Any] | str, parameters: list[str]) -> dict[str, Any]:
    """Check a dict, or a name alone, and turn it into the entry of run.json."""
    if isinstance(optimizer, str):
        raise ExportError(
            f"optimizer {optimizer!r} needs a learning rate: pass "
            f'{{"kind": {optimizer!r}, "learning_rate": …}}'
        )
    entry = {_ALIASES.get(key, key): plain(value) for key, value in optimizer.items()}
    kind = str(entry.get("kind", "")).lower()
    if kind not in KINDS:
        raise ExportError(
            f"optimizer kind {optimizer.get('kind')!r} is not one of {', '.join(KINDS)}"
        )
    entry["kind"] = kind
    _check(entry, kind, "kind", "groups", "missing", "current_learning_rate", "schedule")
    if "learning_rate" not in entry:
        raise ExportError(f"optimizer {kind} has no learning_rate")
    if entry.get("schedule") is not None:
        entry["schedule"] = schedules.normalised(entry["schedule"])
    groups = []
    for group in entry.get("groups", ()):
        group = {_ALIASES.get(key, key): plain(value) for key, value in group.items()}
        _check(group, kind, "parameters")
        strangers = [name for name in group.get("parameters", ()) if name not in parameters]
        if strangers:
            raise ExportError(f"optimizer groups: {strangers} are not parameters of the model")
        groups.append(group)
    if groups:
        entry["groups"] = groups
    strangers = [name for name in entry.get("missing", ()) if name not in parameters]
    if strangers:
        raise ExportError(f"optimizer missing: {strangers} are not parameters of the model")
    return entry


def _check(entry: Mapping[str, Any], kind: str, *more: str) -> None:
    allowed = more + KINDS[kind]
    for key, value in entry.items():
        if key not in allowed:
            raise ExportError(
                f"optimizer {kind} has no setting {key!r}; it has {', '.join(allowed)}"
            )
        if key == "learning_rate" and (
            isinstance(value, bool) or not isinstance(value, (int, float))
        ):
            raise ExportError(
                f"optimizer {kind}: learning_rate is {value!r}; expected a number: the rate of the "
                "first step. For a schedule, pass scheduler="
            )


def plain(value: Any) -> Any:
    """Turn zero-dimensional tensors, NumPy numbers and tuples into what JSON has."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    return value
