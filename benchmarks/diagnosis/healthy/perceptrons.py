"""Sound models of scikit-learn, fitted as its documentation does."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

import defib


def fit(run: Path, model: Any, x: Any, y: Any) -> None:
    """Fit `model` and export it with its data."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, y)
    defib.export(run, model, x, y)


def _scaled(name: str) -> tuple[Any, Any]:
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return StandardScaler().fit_transform(x), y


def mlp_digits(run: Path) -> None:
    """Digits by the default classifier."""
    x, y = datasets.load_digits(return_X_y=True)
    fit(run, MLPClassifier(hidden_layer_sizes=(64,), max_iter=60, random_state=0), x / 16, y)


def mlp_cancer(run: Path) -> None:
    """Breast cancer, standardised."""
    fit(
        run,
        MLPClassifier(hidden_layer_sizes=(16,), max_iter=200, random_state=0),
        *_scaled("breast_cancer"),
    )


def mlp_iris(run: Path) -> None:
    """Iris, standardised."""
    fit(
        run,
        MLPClassifier(hidden_layer_sizes=(16,), max_iter=3000, random_state=0),
        *_scaled("iris"),
    )


def mlp_diabetes(run: Path) -> None:
    """Diabetes with both sides standardised."""
    x, y = _scaled("diabetes")
    y = (y - y.mean()) / y.std()
    fit(run, MLPRegressor(hidden_layer_sizes=(16,), alpha=0.01, max_iter=300, random_state=0), x, y)


def mlp_sgd(run: Path) -> None:
    """Wine by gradient descent with momentum."""
    model = MLPClassifier(
        hidden_layer_sizes=(16,),
        solver="sgd",
        learning_rate_init=0.05,
        max_iter=200,
        random_state=0,
    )
    fit(run, model, *_scaled("wine"))


def logistic_cancer(run: Path) -> None:
    """Logistic regression."""
    fit(run, LogisticRegression(max_iter=500), *_scaled("breast_cancer"))


def logistic_iris(run: Path) -> None:
    """Softmax regression on raw features."""
    x, y = datasets.load_iris(return_X_y=True)
    fit(run, LogisticRegression(max_iter=500), x, y)


def linear_diabetes(run: Path) -> None:
    """Least squares on raw targets."""
    x, y = datasets.load_diabetes(return_X_y=True)
    fit(run, LinearRegression(), x, y)


def ridge_generated(run: Path) -> None:
    """Ridge regression on generated data."""
    x, y = datasets.make_regression(300, 8, noise=10.0, random_state=0)
    fit(run, Ridge(1.0), x, np.asarray(y))


MODELS: dict[str, Callable[[Path], None]] = {
    f"sklearn-{f.__name__.replace('_', '-')}": f
    for f in (
        mlp_digits, mlp_cancer, mlp_iris, mlp_diabetes, mlp_sgd, logistic_cancer, logistic_iris,
        linear_diabetes, ridge_generated,
    )
}  # fmt: skip
