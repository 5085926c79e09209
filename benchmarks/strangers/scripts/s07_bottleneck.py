"""Hidden_layer_sizes=(64, 1, 64)."""

# ruff: noqa
from ..sklearn_fit import *
from sklearn.datasets import load_digits

ACCEPT = ["narrow-layer", "under-capacity"]


def train(fixed, path):
    d = load_digits()
    return fit(
        MLPClassifier(
            (64, 32, 64) if fixed else (64, 1, 64),
            max_iter=60,
            random_state=0,
            learning_rate_init=3e-3,
        ),
        d.data[:1200] / 16.0,
        d.target[:1200],
        path,
    )
