"""scikit-learn: estimators that a gradient or a solver fits, alone and in pipelines."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from sklearn import linear_model, neural_network, svm
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    StandardScaler,
)

from .subject import Subject, Trial

REGRESSORS: dict[str, Callable[[], Any]] = {
    "LinearRegression": linear_model.LinearRegression,
    "Ridge": linear_model.Ridge,
    "Lasso": partial(linear_model.Lasso, 0.01),
    "ElasticNet": partial(linear_model.ElasticNet, 0.01),
    "SGDRegressor": linear_model.SGDRegressor,
    "HuberRegressor": linear_model.HuberRegressor,
    "BayesianRidge": linear_model.BayesianRidge,
    "PoissonRegressor": linear_model.PoissonRegressor,
    "LinearSVR": svm.LinearSVR,
    "MLPRegressor": partial(neural_network.MLPRegressor, hidden_layer_sizes=(16,), max_iter=50),
    "scaled MLPRegressor": lambda: make_pipeline(
        StandardScaler(), neural_network.MLPRegressor(hidden_layer_sizes=(16,), max_iter=50)
    ),
    "polynomial Ridge": lambda: make_pipeline(PolynomialFeatures(2), linear_model.Ridge()),
    "target scaled": lambda: TransformedTargetRegressor(
        neural_network.MLPRegressor(hidden_layer_sizes=(16,), max_iter=50),
        transformer=StandardScaler(),
    ),
    "quantiles first": lambda: make_pipeline(
        QuantileTransformer(n_quantiles=20),
        neural_network.MLPRegressor(hidden_layer_sizes=(8,), max_iter=50),
    ),
}
CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "LogisticRegression": linear_model.LogisticRegression,
    "RidgeClassifier": linear_model.RidgeClassifier,
    "SGDClassifier": linear_model.SGDClassifier,
    "SGDClassifier, logistic": partial(linear_model.SGDClassifier, "log_loss"),
    "Perceptron": linear_model.Perceptron,
    "PassiveAggressive": partial(linear_model.SGDClassifier, "hinge", penalty=None),
    "LinearSVC": svm.LinearSVC,
    "MLPClassifier": partial(neural_network.MLPClassifier, (16,), max_iter=50),
    "imputed and scaled MLP": lambda: make_pipeline(
        SimpleImputer(), MinMaxScaler(), neural_network.MLPClassifier((16,), max_iter=50)
    ),
    "reduced MLP": lambda: make_pipeline(
        PCA(3), neural_network.MLPClassifier((8,), activation="tanh", max_iter=50)
    ),
    "selected LogisticRegression": lambda: make_pipeline(
        SelectKBest(k=3), linear_model.LogisticRegression()
    ),
    "columns MLP": lambda: make_pipeline(
        ColumnTransformer([("number", StandardScaler(), [0, 1, 2]),
                           ("kind", OneHotEncoder(handle_unknown="ignore"), [4])]),
        neural_network.MLPClassifier((8,), max_iter=50),
    ),
}  # fmt: skip


def subjects() -> Iterator[Subject]:
    """Return the estimators."""
    for name, make in REGRESSORS.items():
        yield Subject("scikit-learn", name, partial(_fitted, make, classes=0))
    for name, make in CLASSIFIERS.items():
        yield Subject("scikit-learn", name, partial(_fitted, make, classes=3))


def _fitted(make: Callable[[], Any], classes: int) -> Trial:
    random = np.random.default_rng(0)
    x = random.normal(size=(120, 5))
    x[:, 4] = random.integers(0, 3, 120)
    y = np.abs(x[:, 0] + x[:, 1] ** 2 + 0.1 * random.normal(size=120))
    if classes:
        y = np.digitize(y, np.quantile(y, [1 / 3, 2 / 3]))
    model = make()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, y)
    return Trial(model, x, y)
