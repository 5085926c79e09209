"""Histories that a logger has written: trainer_state.json, event files of TensorBoard, CSV."""

from __future__ import annotations

import csv
import json
import os
import re
import warnings
from collections.abc import Iterable, Mapping
from math import ceil, isfinite
from pathlib import Path
from typing import Any

import numpy as np

from .._errors import DefibWarning, ExportError
from .events import scalars

#: The update that a value was logged at, and its epoch as far as the log tells them.
Point = tuple["float | None", "float | None", float]

_VALIDATION = {"val", "valid", "validation", "eval", "test", "dev"}
_TRAINING = {"loss", "train", "training", "total", "step", "epoch", "batch"}
_STATE = "trainer_state.json"


def is_log(history: Any) -> bool:
    """Whether a history is a file or a folder of a logger, or what Trainer keeps in its state."""
    if isinstance(history, (str, os.PathLike)):
        return True
    return isinstance(_log_history(history), list)


def _log_history(state: Any) -> Any:
    if isinstance(state, Mapping):
        return state.get("log_history")
    return getattr(state, "log_history", None)


def read_log(history: Any) -> dict[str, dict[str, Any]]:
    """Read a log: name of a series -> {"per": "epoch" or "step", "values": the numbers}.

    A series that has neither a value per update nor one per epoch is left out with a
    `DefibWarning`; several values per epoch become their mean.

    Raises:
        ExportError: there is no such file, or it is no log.
    """
    if not isinstance(history, (str, os.PathLike)):
        return _series(_of_state(history), "the log history")
    path = Path(history)
    try:
        return _series(_points(path), str(path))
    except OSError as error:
        raise ExportError(f"history: {path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error, json.JSONDecodeError, RecursionError) as error:
        raise ExportError(f"history: {path} cannot be read: {error}") from error


def _points(path: Path) -> dict[str, list[Point]]:
    if path.is_dir():
        files = sorted(path.rglob("*tfevents*"))
        if files:
            return _of_events(path, files)
        if (path / _STATE).is_file():
            return _points(path / _STATE)
        raise ExportError(
            f"history: {path} holds no event file of TensorBoard and no {_STATE}; give the file"
        )
    if "tfevents" in path.name:
        return _of_events(path.parent, [path])
    if path.suffix == ".json":
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict) and is_log(content):
            return _of_state(content)
        raise ExportError(f"history: {path} has no list log_history, as a {_STATE} has")
    if path.suffix in (".csv", ".tsv"):
        return _of_table(path)
    raise ExportError(
        f"history: {path} is no log that is known: give a {_STATE}, an event file of TensorBoard "
        "or its folder, or a .csv"
    )


def _of_state(state: Any) -> dict[str, list[Point]]:
    rows = (row for row in _log_history(state) if isinstance(row, Mapping))
    # The last row sums up the whole training.
    return _of_rows(row for row in rows if "train_runtime" not in row)


def _of_table(path: Path) -> dict[str, list[Point]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ",")
        return _of_rows({k: v for k, v in row.items() if k is not None} for row in reader)


def _of_rows(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for row in rows:
        step, epoch = _float(row.get("step")), _float(row.get("epoch"))
        for name, value in row.items():
            number = _float(value)
            if number is not None and name not in ("step", "epoch", ""):
                found.setdefault(str(name), []).append((step, epoch, number))
    return found


def _of_events(root: Path, files: Iterable[Path]) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for file in files:
        folder = "/".join(file.parent.relative_to(root).parts)
        for tag, step, value in scalars(file):
            name = f"{folder}/{tag}" if folder else tag
            # Keras counts epochs where others count updates.
            each = "epoch" in _words(tag)
            found.setdefault(name, []).append(
                (None if each else step, step if each else None, value)
            )
    return found


def _float(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


# -- series


def _series(found: Mapping[str, list[Point]], what: str) -> dict[str, dict[str, Any]]:
    """Name the series as a run does, and tell what each value stands for."""
    made: dict[str, dict[str, Any]] = {}
    sparse = []
    for name, points in sorted(found.items(), key=lambda item: -len(item[1])):
        series = _by_epoch_or_step(points)
        if series is None:
            sparse.append(name)
            continue
        # Of several losses, the one with the most values is the one of the training.
        known = _known(name)
        made[known if known and known not in made else name] = series
    if sparse:
        warnings.warn(
            f"history: in {what}, {', '.join(sorted(sparse))} has a value neither for each update "
            "nor for each epoch, and is left out; log every update (logging_steps=1) or epoch",
            DefibWarning,
            stacklevel=5,
        )
    if not made and not sparse:
        raise ExportError(f"history: {what} holds no series of numbers")
    return made


def _by_epoch_or_step(points: list[Point]) -> dict[str, Any] | None:
    values = [value for _, _, value in points]
    steps = [step for step, _, _ in points]
    epochs = [epoch for _, epoch, _ in points if epoch is not None and isfinite(epoch)]
    if len(epochs) == len(points) and _follow(epochs):
        return {"per": "epoch", "values": values}
    if None not in steps and _follow(steps):
        return {"per": "step", "values": values}
    if not epochs and steps.count(None) == len(steps):
        return {"per": None, "values": values}
    if len(epochs) < len(points):
        return None
    whole = all(float(epoch).is_integer() for epoch in epochs)
    # Epochs as fractions have epoch 0.2 in the first one; whole numbers count from 0 or from 1.
    places = [int(e) - int(min(epochs)) if whole else max(ceil(e) - 1, 0) for e in epochs]
    means = [
        np.mean([value for place, value in zip(places, values, strict=True) if place == epoch])
        for epoch in sorted(set(places))
    ]
    if sorted(set(places)) != list(range(len(means))) or len(means) < 2:
        return None
    return {"per": "epoch", "values": [float(mean) for mean in means]}


def _follow(numbers: list[Any]) -> bool:
    """Whether these count up from 0 or 1."""
    return numbers[0] in (0, 1) and all(
        number == numbers[0] + index for index, number in enumerate(numbers)
    )


def _words(name: str) -> set[str]:
    return set(re.split(r"[^a-z]+", name.lower())) - {""}


def _known(name: str) -> str | None:
    """Return what a run calls a series that loggers call by many names."""
    words = _words(name)
    if "lr" in words or {"learning", "rate"} <= words:
        return "learning_rate"
    if "loss" not in words:
        return None
    others = words - _TRAINING
    if not others:
        return "loss"
    return "validation_loss" if others <= _VALIDATION else None
