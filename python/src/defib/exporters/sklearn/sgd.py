"""SGDClassifier, SGDRegressor and Perceptron: one update a sample."""

from __future__ import annotations

import math
from typing import Any

from .network import Network, penalties


def loss_of(model: Any) -> dict[str, Any] | None:
    """Return the loss that scikit-learn calls `model.loss`; None where no kind is like it."""
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


def classifier(model: Any, net: Network, rows: int) -> None:
    """One class against the rest: the sum over classes, where the kinds take the mean."""
    net.targets = "onehot" if model.loss == "log_loss" else "signs"
    net.loss = loss_of(model)
    if net.loss is not None:
        net.loss["weight"] = float(net.loss.get("weight", 1.0)) * net.width
    net.class_weight = model.class_weight
    _settings(model, net, rows)


def regressor(model: Any, net: Network, rows: int) -> None:
    """Half the square, Huber's loss, or the distance beyond a tube."""
    net.loss = loss_of(model)
    _settings(model, net, rows)


def _settings(model: Any, net: Network, rows: int) -> None:
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
        net.notes.append(f"of the learning rates {model.learning_rate!r} the first one is taken")
    if getattr(model, "average", False):
        net.notes.append("average is left out of the run")


def _rate(model: Any) -> float:
    """Return the first learning rate: eta0, or for "optimal" the one of Bottou's heuristic."""
    if model.learning_rate != "optimal":
        return float(model.eta0)
    alpha = float(model.alpha) or 1e-12
    return math.sqrt(1.0 / math.sqrt(alpha))
