"""What each estimator minimises: its loss, its penalty, and the targets that it fits to."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from ..._errors import ExportError
from ..arrays import Array, as_array
from ..document import RunDocument
from ..losses import normalised
from ..settings import Settings
from .network import Network, penalties


def by_name(model: Any) -> dict[str, Any] | None:
    """Return the loss that scikit-learn calls `model.loss`; None where no kind fits."""
    epsilon = float(getattr(model, "epsilon", 0.0) or 0.0)
    known: dict[str, dict[str, Any]] = {
        "hinge": {"kind": "hinge"},
        "squared_hinge": {"kind": "hinge", "squared": True},
        "perceptron": {"kind": "hinge", "margin": 0.0},
        "log_loss": {"kind": "bce-with-logits"},
        "squared_error": {"kind": "mse", "weight": 0.5},
        "huber": {"kind": "huber", "delta": epsilon},
        "epsilon_insensitive": {"kind": "epsilon-insensitive", "epsilon": epsilon},
        "squared_epsilon_insensitive": {
            "kind": "epsilon-insensitive", "epsilon": epsilon, "squared": True,
        },
    }  # fmt: skip
    return known.get(model.loss)


def of_perceptron(
    model: Any, before: str, after: str, width: int
) -> tuple[dict[str, Any], str, str]:
    """Return the loss of a perceptron, the form of its targets, and its own input.

    Args:
        model: The estimator.
        before: What goes into the activation at the output.
        after: What comes out of it.
        width: The number of outputs.

    Raises:
        ExportError: the loss has no kind.
    """
    if model.out_activation_ == "softmax":
        return {"kind": "cross-entropy"}, "indices", before
    if model.out_activation_ == "logistic":
        entry: dict[str, Any] = {"kind": "bce-with-logits"}
        if width > 1:  # a sum over labels, where bce takes the mean
            entry["weight"] = float(width)
        return entry, "onehot", before
    if model.out_activation_ == "exp":
        return {"kind": "poisson-nll", "log_input": True, "weight": float(width)}, "values", before
    if model.loss != "squared_error":
        raise ExportError(f"{type(model).__name__} has the loss {model.loss!r}, which is not known")
    return {"kind": "mse", "weight": 0.5}, "values", after


def least_squares(_model: Any, net: Network, _rows: int) -> None:
    """The mean of the squares."""
    net.loss = {"kind": "mse"}


def ridge(model: Any, net: Network, rows: int) -> None:
    """`Σ‖y - ŷ‖² + alpha · Σw²`, divided by the number of residuals."""
    alpha = np.asarray(getattr(model, "alpha_", model.alpha), float)
    if alpha.size != 1:
        raise ExportError("Ridge has one alpha for each target; fit each target by itself")
    net.loss = {"kind": "mse"}
    l2 = float(alpha.reshape(-1)[0]) / (rows * net.width)
    net.training["regularization"] = penalties(net.parameters[:1], l2=l2)


def ridge_of_signs(model: Any, net: Network, rows: int) -> None:
    """Ridge on -1 and 1, one column per class."""
    ridge(model, net, rows)
    net.targets, net.class_weight = "signs", model.class_weight


def bayesian_ridge(model: Any, net: Network, rows: int) -> None:
    """`Σ(y - ŷ)² + (lambda / alpha) · Σw²` of the precisions that were found, divided by n."""
    net.loss = {"kind": "mse"}
    l2 = float(model.lambda_) / (float(model.alpha_) * rows)
    net.training["regularization"] = penalties(net.parameters[:1], l2=l2)


def huber(model: Any, net: Network, rows: int) -> None:
    """`Σ s · H((y - ŷ) / s) + alpha · Σw²` at the scale s that was found, divided by n."""
    scale = float(model.scale_)
    net.loss = {"kind": "huber", "delta": float(model.epsilon) * scale, "weight": 2.0 / scale}
    net.training["regularization"] = penalties(net.parameters[:1], l2=float(model.alpha) / rows)


def elastic_net(model: Any, net: Network, _rows: int) -> None:
    """`‖y - ŷ‖² / (2 n) + alpha · ratio · Σ|w| + alpha · (1 - ratio) / 2 · Σw²`."""
    alpha = float(getattr(model, "alpha_", None) or model.alpha)
    share = float(getattr(model, "l1_ratio_", getattr(model, "l1_ratio", 1.0)))
    net.loss = {"kind": "mse", "weight": 0.5 * net.width}
    net.training["regularization"] = penalties(
        net.parameters[:1], l1=alpha * share, l2=alpha * (1.0 - share) / 2.0
    )


def logistic(model: Any, net: Network, rows: int) -> None:
    """The mean log-loss and `r(w) / (C · n)`; the bias is penalised by liblinear alone."""
    classes = len(model.classes_)
    total = float(rows)
    net.class_weight = model.class_weight
    apart = getattr(model, "multi_class", None) == "ovr" or model.solver == "liblinear"
    if net.width == 1:
        net.loss, net.targets = {"kind": "bce-with-logits"}, "onehot"
    elif apart:
        net.loss, net.targets = {"kind": "bce-with-logits", "weight": float(classes)}, "onehot"
    else:
        net.loss, net.targets = {"kind": "cross-entropy"}, "indices"
    strength = float(np.asarray(getattr(model, "C_", [model.C] if hasattr(model, "C") else [1.0])
                                ).reshape(-1)[0])  # fmt: skip
    ratio = _ratio(model)
    if ratio is None or not np.isfinite(strength):
        return
    l1, l2 = ratio / (strength * total), (1.0 - ratio) / (2.0 * strength * total)
    net.training["regularization"] = penalties(net.parameters[:1], l1=l1, l2=l2)
    if model.solver == "liblinear" and len(net.parameters) > 1:
        scale = float(model.intercept_scaling)
        net.training["regularization"] += penalties(
            net.parameters[1:], l1=l1 / scale, l2=l2 / scale**2
        )


def _ratio(model: Any) -> float | None:
    """Return the share of L1 in the penalty; None: there is no penalty."""
    kind = getattr(model, "penalty", "deprecated")
    if kind in (None, "none"):
        return None
    if kind == "l2":
        return 0.0
    if kind == "l1":
        return 1.0
    return float(getattr(model, "l1_ratio", None) or 0.0)


def support_vectors(model: Any, net: Network, rows: int) -> None:
    """`½ Σw² + C · Σ loss`, divided by C · n; liblinear penalises the bias too."""
    net.loss = by_name(model)
    if hasattr(model, "classes_"):
        net.targets, net.class_weight = "signs", model.class_weight
        if getattr(model, "multi_class", "ovr") != "ovr":
            raise ExportError(
                f"LinearSVC has multi_class={model.multi_class!r}; only 'ovr' is known"
            )
    if net.loss is not None:
        net.loss["weight"] = float(net.width)
    scale = 1.0 / (float(model.C) * rows)
    l1, l2 = (scale, 0.0) if getattr(model, "penalty", "l2") == "l1" else (0.0, scale / 2.0)
    net.training["regularization"] = penalties(net.parameters[:1], l1=l1, l2=l2)
    wide = float(model.intercept_scaling)
    net.training["regularization"] += penalties(net.parameters[1:], l1=l1 / wide, l2=l2 / wide**2)


def one_against_rest(model: Any, net: Network, _rows: int) -> None:
    """One class against the rest: the sum over classes, where the kinds take the mean."""
    net.targets = "onehot" if model.loss == "log_loss" else "signs"
    net.loss = by_name(model)
    if net.loss is not None:
        net.loss["weight"] = float(net.loss.get("weight", 1.0)) * net.width
    net.class_weight = model.class_weight


def of_residuals(model: Any, net: Network, _rows: int) -> None:
    """Half the square, Huber's loss, or the distance beyond a tube."""
    net.loss = by_name(model)


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
    if labels.ndim == 2:  # several labels per sample, as indicators
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


def add(document: RunDocument, estimator: Any, net: Network, given: Any, target: str) -> None:
    """Put the loss into the run: the one `given`, else the estimator's own.

    Raises:
        ExportError: the estimator's own has no kind.
    """
    if given is not None:
        entry = normalised(given, lambda _: None)
    elif net.loss is None:
        raise ExportError(
            f"{type(estimator).__name__} has the loss {estimator.loss!r}, which has no kind in a "
            'run; pass the nearest one, as in loss="hinge"'
        )
    else:
        entry = dict(net.loss)
    document.losses = [entry | {"prediction": net.prediction, "target": target}]


def weigh(document: RunDocument, estimator: Any, net: Network, y: Any, settings: Settings) -> None:
    """Give each sample the weight of its class."""
    classes = estimator.classes_
    weights = compute_class_weight(net.class_weight, classes=classes, y=np.ravel(y))
    index = encoded(y, "indices", classes, net.width, "y")
    document.add_data("sample_weight", weights[index])
    if settings.validation is not None and document.validation:
        held = document.arrays[document.validation["y"]]
        order = held if net.targets == "indices" else _index(held)
        document.add_validation("sample_weight", weights[order])
    document.losses[0]["sample_weight"] = "sample_weight"


def _index(flags: Array) -> Array:
    """Return the classes behind one column, or behind one column per class."""
    if flags.shape[1] == 1:
        return np.asarray(flags[:, 0] > 0, np.int64)
    return np.asarray(flags.argmax(axis=1))
