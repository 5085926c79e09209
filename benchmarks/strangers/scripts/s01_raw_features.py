"""MLPRegressor without a scaler: R2 below 0."""

# ruff: noqa
from ..sklearn_fit import *
from sklearn.datasets import load_diabetes

ACCEPT = ["unscaled-features"]


def train(fixed, path):
    r = np.random.RandomState(1)
    z = r.randn(700, 5)
    x = z * [8000, 1, 30, 0.01, 5] + [50000, 3, 1995, 0.5, 40]
    y = np.sin(z[:, 0]) + z[:, 1] * z[:, 3]
    m = MLPRegressor(hidden_layer_sizes=(32, 16), max_iter=100, random_state=0)
    m = make_pipeline(StandardScaler(), m) if fixed else m
    return fit(m, x, y, path)
