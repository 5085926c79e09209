"""Linear models: one affine layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...arrays import Array
from ...document import RunDocument
from ...nodes import NodeWriter
from .. import loss, names, optimizer
from ..network import Network

Fill = Callable[[Any, Network, int], None]


def linear(document: RunDocument, model: Any, x: str, prefix: str, rows: int) -> Network:
    """Write `x @ coef_.T + intercept_`."""
    weights, biases = arrays(model)[0], arrays(model)[1:]
    weight = document.add_parameter(names.parameter(prefix, "coef_"), weights)
    bias = None
    if biases:
        bias = document.add_parameter(names.parameter(prefix, "intercept_"), biases[0])
    write, row = NodeWriter(document, names.output_layer(prefix)), weight
    if weights.ndim == 1:  # the row of the only unit
        row = write.reshape(weight, [1, -1], "row")
    tensor = write.emit("Gemm", x, row, *([] if bias is None else [bias]), transB=1)
    width = 1 if weights.ndim == 1 else int(weights.shape[0])
    held = [weight] if bias is None else [weight, bias]
    result = Network(tensor, tensor, width, None, "values", held)
    for fill in _FILL[kind_of(model)]:
        fill(model, result, rows)
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


#: class -> what says its loss and how it trains
_FILL: dict[str, tuple[Fill, ...]] = {
    "LinearRegression": (loss.least_squares,),
    "Ridge": (loss.ridge,),
    "RidgeCV": (loss.ridge,),
    "RidgeClassifier": (loss.ridge_of_signs,),
    "RidgeClassifierCV": (loss.ridge_of_signs,),
    "BayesianRidge": (loss.bayesian_ridge,),
    "HuberRegressor": (loss.huber,),
    "Lasso": (loss.elastic_net,),
    "LassoCV": (loss.elastic_net,),
    "ElasticNet": (loss.elastic_net,),
    "ElasticNetCV": (loss.elastic_net,),
    "LogisticRegression": (loss.logistic,),
    "LogisticRegressionCV": (loss.logistic,),
    "LinearSVC": (loss.support_vectors,),
    "LinearSVR": (loss.support_vectors,),
    "SGDClassifier": (loss.one_against_rest, optimizer.of_sgd),
    "SGDRegressor": (loss.of_residuals, optimizer.of_sgd),
    "Perceptron": (loss.one_against_rest, optimizer.of_sgd),
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
