"""How estimators train: their optimizer, batches, penalties and history."""

from __future__ import annotations

import math
from typing import Any

from . import rates
from .network import Network, penalties


def of_perceptron(model: Any, net: Network, rows: int, weights: list[str]) -> None:
    """Tell how MLPClassifier and MLPRegressor train; `weights` are what alpha penalises."""
    batch = rows
    if model.solver != "lbfgs":
        batch = min(200, rows) if model.batch_size == "auto" else min(int(model.batch_size), rows)
    batches = math.ceil(rows / batch)
    epochs = max(int(model.n_iter_), 1)
    net.training = {"epochs": epochs, "batch_size": batch, "shuffle": bool(model.shuffle)}
    # Each batch adds alpha / (2 · its rows) · Σw². Batches count by their rows, so over an epoch
    # that is alpha / (2 · all rows) times the number of batches.
    l2 = float(model.alpha) * batches / (2.0 * rows)
    net.training["regularization"] = penalties(weights, l2=l2)
    if model.solver == "adam":
        net.optimizer = {
            "kind": "adam", "learning_rate": float(model.learning_rate_init),
            "betas": [float(model.beta_1), float(model.beta_2)], "eps": float(model.epsilon),
            "epsilon_hat": True,
        }  # fmt: skip
    elif model.solver == "sgd":
        net.optimizer = {
            "kind": "sgd", "learning_rate": float(model.learning_rate_init),
            "momentum": float(model.momentum),
            "nesterov": bool(model.nesterovs_momentum and model.momentum),
        }  # fmt: skip
        if model.learning_rate != "constant":
            _tell(net, model, rates.of_perceptron(model, batches, epochs))
    if model.solver != "lbfgs":
        net.training["steps"] = epochs * batches
        net.history = {"loss": {"values": list(model.loss_curve_), "per": "epoch"}}
        scores = getattr(model, "validation_scores_", None)
        if scores:
            net.history["validation_score"] = {"values": list(scores), "per": "epoch"}


def of_sgd(model: Any, net: Network, rows: int) -> None:
    """Tell how SGDClassifier, SGDRegressor and Perceptron train: one update per sample."""
    alpha = float(model.alpha)
    share = {"l1": 1.0, "l2": 0.0, "elasticnet": float(model.l1_ratio or 0.0), None: None}[
        model.penalty
    ]
    if share is not None:
        net.training["regularization"] = penalties(
            net.parameters[:1], l1=alpha * share, l2=alpha * (1.0 - share) / 2.0
        )
    epochs = max(int(model.n_iter_), 1)
    net.training |= {
        "epochs": epochs, "batch_size": 1, "steps": epochs * rows, "shuffle": bool(model.shuffle),
    }  # fmt: skip
    net.optimizer = {"kind": "sgd", "learning_rate": _rate(model)}
    if model.learning_rate != "constant":
        _tell(net, model, rates.of_linear(model, _rate(model), epochs * rows))
    if getattr(model, "average", False):
        net.notes.append("average is left out of the run")


def _tell(net: Network, model: Any, found: dict[str, Any] | None) -> None:
    """Give the optimizer its schedule, or a note where that is not known."""
    if found is None:
        net.notes.append(f"of the learning rates {model.learning_rate!r} the first one is used")
    elif net.optimizer is not None:
        net.optimizer |= found


def _rate(model: Any) -> float:
    """Return the first learning rate: eta0, or for "optimal" the one of Bottou's heuristic."""
    if model.learning_rate != "optimal":
        return float(model.eta0)
    alpha = float(model.alpha) or 1e-12
    return math.sqrt(1.0 / math.sqrt(alpha))
