"""Max_iter=5 with lr 1e-3, 200 rows a batch."""

# ruff: noqa
from ..sklearn_fit import *
from sklearn.datasets import load_digits

ACCEPT = ["too-few-updates", "learning-rate-too-low"]


def train(fixed, path):
    d = load_digits()
    return fit(
        MLPClassifier((64,), max_iter=60 if fixed else 5, random_state=0),
        d.data / 16.0 - 0.3,
        d.target,
        path,
    )
