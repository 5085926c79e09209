"""Salaries as targets, adam, R2 = -20."""

# ruff: noqa
from ..sklearn_fit import *

ACCEPT = ["unscaled-targets", "too-few-updates"]


def train(fixed, path):
    r = np.random.RandomState(2)
    x = r.randn(600, 6)
    y = 1.2e6 + 2e5 * (x[:, 0] * x[:, 1] + x[:, 2])
    m = MLPRegressor(
        hidden_layer_sizes=(40,), max_iter=150, random_state=0, learning_rate_init=5e-3
    )
    if fixed:
        m = TransformedTargetRegressor(m, transformer=StandardScaler())
    return fit(m, x, y, path)
