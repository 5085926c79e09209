"""What the author of a script hands over of a training: all there is, or little."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import defib

#: What an author gives who gives little, besides model, data and loss.
LAZY = ("optimizer", "history")


@dataclass
class Told:
    """A training that is over."""

    model: Any
    x: Any
    y: Any
    loss: Any
    skill: float
    """What the model is worth on rows kept aside, see `Task.skill`."""
    given: dict[str, Any] = field(default_factory=dict)
    """Further arguments of `defib.export`: the optimizer, the history, …"""

    def export(self, run: Path, *, lazy: bool = False) -> None:
        """Write the run, with everything or with what a lazy author gives.

        Raises:
            ExportError: the model cannot be expressed as a run.
        """
        known = inspect.signature(defib.export).parameters
        given = {
            key: value
            for key, value in self.given.items()
            if value is not None and key in (LAZY if lazy else known)
        }
        defib.export(run, self.model, self.x, self.y, loss=self.loss, **given)


@dataclass(frozen=True)
class NotAsMeant(Exception):  # noqa: N818
    """A training that is meant to work did not, or a fault did no harm."""

    what: str

    def __str__(self) -> str:
        return self.what
