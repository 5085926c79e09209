"""Six logistic layers with sgd: always the majority class."""

# ruff: noqa
from ..sklearn_fit import *
from sklearn.datasets import load_wine

ACCEPT = ["vanishing-gradient", "signal-collapse", "learning-rate-too-low"]


def train(fixed, path):
    d = load_wine()
    return fit(
        make_pipeline(
            StandardScaler(),
            MLPClassifier(
                (20,) * 6 if not fixed else (20,) * 2,
                activation="tanh" if fixed else "logistic",
                solver="sgd",
                learning_rate_init=0.05,
                max_iter=150,
                random_state=0,
            ),
        ),
        d.data,
        d.target,
        path,
    )
