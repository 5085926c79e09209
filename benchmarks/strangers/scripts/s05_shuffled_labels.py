"""Y was sorted while x was not."""

# ruff: noqa
from ..sklearn_fit import *
from sklearn.datasets import load_breast_cancer

ACCEPT = ["unlearnable-target"]


def train(fixed, path):
    d = load_breast_cancer()
    y = d.target if fixed else np.sort(d.target)[np.random.RandomState(0).permutation(569)]
    return fit(
        make_pipeline(StandardScaler(), MLPClassifier((16,), max_iter=40, random_state=0)),
        d.data,
        y,
        path,
    )
