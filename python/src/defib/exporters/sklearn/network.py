"""What every supported estimator comes down to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Network:
    """An estimator as a run: the tensors that matter, its loss, and how it was trained."""

    #: what predict or predict_proba is made of
    output: str
    #: what the loss is computed on
    prediction: str
    #: shape of a sample of the prediction
    width: int
    #: entry of run.json without prediction and target; None: the estimator's loss has no kind
    loss: dict[str, Any] | None
    #: "values", "indices", "onehot" or "signs"
    targets: str
    #: parameters in the order in which `initial` lists them
    parameters: list[str]
    training: dict[str, Any] = field(default_factory=dict)
    optimizer: dict[str, Any] | None = None
    history: Any = None
    #: "balanced" or a dict: what a sample weighs by its class
    class_weight: Any = None
    notes: list[str] = field(default_factory=list)


def penalties(names: Sequence[str], l1: float = 0.0, l2: float = 0.0) -> list[dict[str, Any]]:
    """Return the same penalty for each of these parameters, without the parts that are 0."""
    parts = {key: float(value) for key, value in (("l1", l1), ("l2", l2)) if value}
    return [{"parameter": name, **parts} for name in names] if parts else []
