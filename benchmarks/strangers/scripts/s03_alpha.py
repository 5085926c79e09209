"""Alpha=50: predict_proba is the prior for all."""

# ruff: noqa
from ..sklearn_fit import *
from sklearn.datasets import load_wine

ACCEPT = ["strong-regularization"]


def train(fixed, path):
    d = load_wine()
    return fit(
        make_pipeline(
            StandardScaler(),
            MLPClassifier(
                (32,),
                alpha=1e-4 if fixed else 50,
                max_iter=200,
                random_state=0,
                learning_rate_init=5e-3,
            ),
        ),
        d.data,
        d.target,
        path,
    )
