"""What every supported estimator comes down to, and the parts that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..._errors import ExportError
from ..arrays import Array, as_array
from ..document import RunDocument


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


def encoded(y: Any, kind: str, classes: Any, width: int, what: str) -> Array:
    """Bring targets into the form that the estimator fits to.

    Raises:
        ExportError: a label is none of those that the estimator knows.
    """
    if kind == "values":
        array = as_array(y, what)
        return array.reshape(len(array), width) if array.size == len(array) * width else array
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2:  # several labels a sample, as indicators
        indicators = as_array(labels, what)
        return np.asarray(2.0 * indicators - 1.0) if kind == "signs" else indicators
    known = np.asarray(classes)
    order = np.searchsorted(known, labels) if known.dtype.kind == labels.dtype.kind else None
    if order is None:
        order = np.array([np.flatnonzero(known == label)[:1].sum() for label in labels])
    order = np.clip(order, 0, len(known) - 1)
    strangers = sorted({str(label) for label in labels[known[order] != labels]})
    if strangers:
        raise ExportError(f"{what} has the labels {strangers}; known are {list(map(str, known))}")
    if kind == "indices":
        return np.asarray(order, np.int64)
    flags = order[:, None] == np.arange(len(known)) if width > 1 else order[:, None] == 1
    return np.asarray(2.0 * flags - 1.0 if kind == "signs" else flags, np.float32)


def affine(
    document: RunDocument,
    x: str,
    weight: str,
    bias: str | None,
    *,
    layer: str,
    axes: int,
    transposed: bool,
) -> str:
    """Write `x @ weight + bias`; a weight of one axis is the row of the only unit."""  # fmt: skip
    if axes == 1:
        shape = document.add_integers([1, -1], layer=layer, name=f"{layer}/row/shape")
        weight = document.add_node("Reshape", [weight, shape], layer=layer, name=f"{layer}/row")
    held = [x, weight] if bias is None else [x, weight, bias]
    attributes = {"transB": 1} if transposed else {}
    return document.add_node("Gemm", held, layer=layer, name=layer, attributes=attributes)


def penalties(names: Sequence[str], l1: float = 0.0, l2: float = 0.0) -> list[dict[str, Any]]:
    """Return the same penalty for each of these parameters, without the parts that are 0."""
    parts = {key: float(value) for key, value in (("l1", l1), ("l2", l2)) if value}
    return [{"parameter": name, **parts} for name in names] if parts else []
