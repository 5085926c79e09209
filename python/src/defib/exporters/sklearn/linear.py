"""Linear models: one affine layer, and the loss and penalty that each of them minimises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..._errors import ExportError
from ..arrays import Array
from ..document import RunDocument
from . import sgd
from .network import Network, affine, penalties

Fill = Callable[[Any, Network, int], None]


def linear(document: RunDocument, model: Any, x: str, prefix: str, rows: int) -> Network:
    """Write `x @ coef_.T + intercept_`."""
    weights, biases = arrays(model)[0], arrays(model)[1:]
    layer = f"{prefix}output" if prefix else "output"
    weight = document.add_parameter(f"{prefix}coef_", weights)
    bias = document.add_parameter(f"{prefix}intercept_", biases[0]) if biases else None
    tensor = affine(document, x, weight, bias, layer=layer, axes=weights.ndim, transposed=True)
    width = 1 if weights.ndim == 1 else int(weights.shape[0])
    held = [weight] if bias is None else [weight, bias]
    result = Network(tensor, tensor, width, None, "values", held)
    _FILL[kind_of(model)](model, result, rows)
    result.training.setdefault("epochs", _epochs(model))
    return result


def arrays(model: Any) -> list[Array]:
    """Return the weights (units, features) or (features,), and the biases (units,) if any."""
    weight = np.asarray(model.coef_)
    bias = np.atleast_1d(np.asarray(model.intercept_, dtype=weight.dtype))
    units = 1 if weight.ndim == 1 else weight.shape[0]
    if not getattr(model, "fit_intercept", True):
        return [weight]
    return [weight, bias if bias.size == units else np.broadcast_to(bias, (units,)).copy()]


def _epochs(model: Any) -> int:
    done = getattr(model, "n_iter_", None)
    return 1 if done is None else max(int(np.max(done)), 1)


def _least_squares(_model: Any, net: Network, _rows: int) -> None:
    net.loss = {"kind": "mse"}


def _ridge(model: Any, net: Network, rows: int) -> None:
    """`Σ‖y - ŷ‖² + alpha · Σw²`, divided by the number of residuals."""
    alpha = np.asarray(getattr(model, "alpha_", model.alpha), float)
    if alpha.size != 1:
        raise ExportError("Ridge has one alpha for each target; fit each target by itself")
    net.loss = {"kind": "mse"}
    l2 = float(alpha.reshape(-1)[0]) / (rows * net.width)
    net.training["regularization"] = penalties(net.parameters[:1], l2=l2)


def _elastic_net(model: Any, net: Network, _rows: int) -> None:
    """`‖y - ŷ‖² / (2 n) + alpha · ratio · Σ|w| + alpha · (1 - ratio) / 2 · Σw²`."""
    alpha = float(getattr(model, "alpha_", None) or model.alpha)
    share = float(getattr(model, "l1_ratio_", getattr(model, "l1_ratio", 1.0)))
    net.loss = {"kind": "mse", "weight": 0.5 * net.width}
    net.training["regularization"] = penalties(
        net.parameters[:1], l1=alpha * share, l2=alpha * (1.0 - share) / 2.0
    )


def _logistic(model: Any, net: Network, rows: int) -> None:
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


def _support_vectors(model: Any, net: Network, rows: int) -> None:
    """`½ Σw² + C · Σ loss`, divided by C · n; liblinear penalises the bias too."""
    net.loss = sgd.loss_of(model)
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


_FILL: dict[str, Fill] = {
    "LinearRegression": _least_squares,
    "Ridge": _ridge,
    "RidgeCV": _ridge,
    "Lasso": _elastic_net,
    "LassoCV": _elastic_net,
    "ElasticNet": _elastic_net,
    "ElasticNetCV": _elastic_net,
    "LogisticRegression": _logistic,
    "LogisticRegressionCV": _logistic,
    "LinearSVC": _support_vectors,
    "LinearSVR": _support_vectors,
    "SGDClassifier": sgd.classifier,
    "SGDRegressor": sgd.regressor,
    "Perceptron": sgd.classifier,
}


def kind_of(model: Any) -> str:
    """Return the name of the class of scikit-learn that the model is of, or ""."""
    for kind in type(model).__mro__:
        if kind.__module__.startswith("sklearn.") and kind.__name__ in _FILL:
            return kind.__name__
    return ""


def known() -> list[str]:
    """Return the names of the classes that can be exported."""
    return sorted(_FILL)
