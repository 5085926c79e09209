"""Fraud 1 %: accuracy 99 %, recall 0."""

# ruff: noqa
from ..keras_fit import *

ACCEPT = ["class-imbalance"]


def train(fixed, path):
    seed(109)
    n = 3000
    x = np.random.randn(n, 10).astype("float32")
    s = x[:, 0] + x[:, 1] + 0.8 * x[:, 2] * x[:, 3] + 0.9 * np.random.randn(n)
    y = (s > np.quantile(s, 0.5 if fixed else 0.99)).astype("float32")
    m = keras.Sequential([keras.Input((10,)), L.Dense(16, "relu"), L.Dense(1, "sigmoid")])
    m.compile(keras.optimizers.Adam(3e-3), "binary_crossentropy", metrics=["accuracy"])
    return fit(m, x, y, path, 15 if not fixed else 40)
