"""The network along a training, and when its faults began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._json import decoded


@dataclass(frozen=True)
class Since:
    """When a fault began: between two moments that follow each other; str() gives a sentence."""

    #: Updates before the first moment from which on it was there; 0: before the training; None: at
    #: an end of which nothing tells how many they were.
    step: int | None
    #: The epoch of that moment, counted from 1; None: nothing tells.
    epoch: int | None
    #: Updates before the last moment without it; None: it was there at the first moment.
    after: int | None
    #: From that moment to the end: {"step", "epoch", "value", "of", "name"}.
    course: tuple[Mapping[str, Any], ...]
    text: str

    def __str__(self) -> str:
        return self.text

    @classmethod
    def read(cls, entry: Mapping[str, Any] | None) -> Since | None:
        """Read it from the JSON of a report."""
        if entry is None:
            return None
        course = tuple(decoded(point) for point in entry["course"])
        return cls(entry["step"], entry["epoch"], entry["after"], course, entry["text"])


@dataclass(frozen=True)
class Moment:
    """The network at one moment of the training."""

    #: "start", "update" or "end".
    when: str
    #: Updates before it; None: an end of which nothing tells.
    step: int | None
    #: Their epoch, counted from 1; None: nothing tells.
    epoch: int | None
    #: The loss of the average batch; None: the run has no loss.
    loss: float | None
    #: Rectified units that no sample switched on.
    dead_units: int
    #: All units of rectifiers.
    rectified_units: int
    #: Norm of the gradient of all parameters; None: the run has no loss.
    gradient_norm: float | None
    #: Standard deviation of the first prediction between samples; None: there is none.
    output_spread: float | None
    #: Whether every value of the replay was finite.
    finite: bool

    @classmethod
    def read(cls, entry: Mapping[str, Any] | None) -> tuple[Moment, ...]:
        """Read all of them from the JSON of a report."""
        if entry is None:
            return ()
        names = cls.__dataclass_fields__
        return tuple(
            cls(**{name: decoded(moment[name]) for name in names}) for moment in entry["moments"]
        )
