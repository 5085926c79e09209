"""Activation='identity' on circles."""

# ruff: noqa
from ..sklearn_fit import *
from sklearn.datasets import make_circles

ACCEPT = ["missing-nonlinearity"]


def train(fixed, path):
    x, y = make_circles(600, noise=0.08, factor=0.5, random_state=0)
    return fit(
        MLPClassifier(
            (32, 32),
            activation="relu" if fixed else "identity",
            max_iter=100,
            random_state=0,
            learning_rate_init=5e-3,
        ),
        x,
        y,
        path,
    )
