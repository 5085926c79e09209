"""MLPClassifier and MLPRegressor."""

from __future__ import annotations

import math
from typing import Any

from ..._errors import ExportError
from ..arrays import Array
from ..document import RunDocument
from .network import Network, penalties

_ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid", "identity": ""}

_HEADS = {"logistic": "Sigmoid", "softmax": "Softmax", "exp": "Exp", "identity": ""}


def mlp(document: RunDocument, model: Any, x: str, prefix: str, rows: int) -> Network:
    """Write a multi-layer perceptron.

    scikit-learn takes the gradient with respect to what goes into its softmax or sigmoid, in
    float64. So the loss is written on that: in float32 the probabilities themselves would round to
    0 and 1 long before its clip.
    """
    parameters: dict[str, list[str]] = {"coefs_": [], "intercepts_": []}
    tensor, count = x, len(model.coefs_)
    for i, (weight, bias) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        last = i == count - 1
        layer = f"{prefix}output" if last else f"{prefix}hidden{i + 1}"
        held = []
        for part, array in (("coefs_", weight), ("intercepts_", bias)):
            held.append(document.add_parameter(f"{prefix}{part}[{i}]", array))
            parameters[part].append(held[-1])
        tensor = document.add_node("Gemm", [tensor, *held], layer=layer, name=layer)
        before = tensor
        kind = model.out_activation_ if last else model.activation
        op = (_HEADS if last else _ACTIVATIONS)[kind]
        if op:
            attributes = {"axis": 1} if op == "Softmax" else {}
            tensor = document.add_node(
                op, [tensor], layer=layer, name=f"{layer}/{kind}", attributes=attributes
            )
    width = int(model.n_outputs_)
    loss, targets, prediction = _loss(model, before, tensor, width)
    result = Network(
        tensor, prediction, width, loss, targets, parameters["coefs_"] + parameters["intercepts_"]
    )
    _training(model, result, rows, parameters["coefs_"])
    if model.early_stopping:
        result.notes.append(
            f"early_stopping held out {model.validation_fraction:.0%} of x; the run has all of it"
        )
    if loss is not None and loss["kind"] == "poisson-nll":
        result.notes.append("the replayed loss lacks the constant y·log(y) - y of scikit-learn's")
    return result


def _loss(model: Any, before: str, after: str, width: int) -> tuple[dict[str, Any], str, str]:
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


def _training(model: Any, result: Network, rows: int, weights: list[str]) -> None:
    batch = rows
    if model.solver != "lbfgs":
        batch = min(200, rows) if model.batch_size == "auto" else min(int(model.batch_size), rows)
    batches = math.ceil(rows / batch)
    epochs = max(int(model.n_iter_), 1)
    result.training = {"epochs": epochs, "batch_size": batch, "shuffle": bool(model.shuffle)}
    # Each batch adds alpha / (2 · its rows) · Σw². Batches count by their rows, so over an epoch
    # that is alpha / (2 · all rows) times the number of batches.
    l2 = float(model.alpha) * batches / (2.0 * rows)
    result.training["regularization"] = penalties(weights, l2=l2)
    if model.solver == "adam":
        result.optimizer = {
            "kind": "adam", "learning_rate": float(model.learning_rate_init),
            "betas": [float(model.beta_1), float(model.beta_2)], "eps": float(model.epsilon),
            "epsilon_hat": True,
        }  # fmt: skip
    elif model.solver == "sgd":
        result.optimizer = {
            "kind": "sgd", "learning_rate": float(model.learning_rate_init),
            "momentum": float(model.momentum),
            "nesterov": bool(model.nesterovs_momentum and model.momentum),
        }  # fmt: skip
        if model.learning_rate != "constant":
            result.notes.append(
                f"of the learning rates {model.learning_rate!r} the first one is taken"
            )
    if model.solver != "lbfgs":
        result.training["steps"] = epochs * batches
        result.history = {"loss": {"values": list(model.loss_curve_), "per": "epoch"}}
        scores = getattr(model, "validation_scores_", None)
        if scores:
            result.history["validation_score"] = {"values": list(scores), "per": "epoch"}


def arrays(model: Any) -> list[Array]:
    """Return the parameters in the order of `Network.parameters`."""
    return [*model.coefs_, *model.intercepts_]
