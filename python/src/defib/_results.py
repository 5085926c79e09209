"""What `replay`, `vitals` and `rules` return."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _json
from ._engine import Losses
from ._json import decoded


@dataclass(frozen=True, eq=False)
class Replay:
    """One forward and backward pass over all samples of a run."""

    #: Output of the graph -> (samples, …), float32.
    outputs: Mapping[str, npt.NDArray[np.float32]]
    #: Parameter -> gradient of the total loss, penalties included, in the parameter's own shape,
    #: float32.
    gradients: Mapping[str, npt.NDArray[np.float32]]
    #: Loss -> its own mean over the run's batches, without its weight: `mse`, or `mse:OUTPUT`
    #: where there are several of one kind; "penalty" -> the penalties of the training on its
    #: parameters, when it has some.
    losses: Mapping[str, float]
    #: The total: each loss times its weight, and the penalties; NaN when the run has no loss or no
    #: samples.
    loss: float


def total(entries: Sequence[Mapping[str, Any]], losses: Losses) -> float:
    """Return the total loss: each loss times its weight, and the penalties; NaN without a loss.

    Args:
        entries: The losses of run.json.
        losses: Those of a replay, in the same order, and the penalties behind them.
    """
    if not losses:
        return float("nan")
    terms, penalties = losses[: len(entries)], losses[len(entries) :]
    weighted = (
        float(entry.get("weight", 1.0)) * value
        for entry, (_, value) in zip(entries, terms, strict=True)
    )
    return sum(weighted) + sum(value for _, value in penalties)


@dataclass(frozen=True, eq=False)
class Vitals:
    """The measurements of one replay; read from the engine's JSON when they are first asked for."""

    _text: str = field(repr=False)

    @cached_property
    def _content(self) -> Mapping[str, Any]:
        content: Mapping[str, Any] = _json.parsed("defib_vitals", self._text)
        return content

    @property
    def seconds(self) -> float:
        """Time of the replay itself, without opening the run."""
        return float(self._content.get("seconds", "nan"))

    @property
    def layers(self) -> tuple[Mapping[str, Any], ...]:
        """Measurements of each layer, in the order of the graph."""
        return tuple(decoded(self._content.get("layers", [])))

    @property
    def parameters(self) -> tuple[Mapping[str, Any], ...]:
        """Measurements of each parameter."""
        return tuple(decoded(self._content.get("parameters", [])))

    def to_dict(self) -> dict[str, Any]:
        """Return everything that was measured."""
        return dict(self._content)

    def to_json(self) -> str:
        """Return everything that was measured, as JSON."""
        return json.dumps(self._content, indent=2, ensure_ascii=False)


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule of the catalogue; its thresholds, examples and the rest are in `to_dict()`."""

    id: str
    title: str
    severity: str
    summary: str
    rationale: str
    remedy: str
    _content: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Rule:
        """Read what the engine wrote."""
        names = ("id", "title", "severity", "summary", "rationale", "remedy")
        texts = {name: str(content.get(name, "")) for name in names}
        return cls(**texts, _content=content)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that the catalogue says about the rule."""
        return dict(self._content)
