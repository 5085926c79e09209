"""Tanh output, targets -20..20 (temperature)."""

# ruff: noqa
from ..keras_fit import *

ACCEPT = ["bounded-output"]


def train(fixed, path):
    seed(111)
    x = np.random.randn(800, 6).astype("float32")
    y = (9 * np.sin(x[:, 0]) + 6 * x[:, 1]).astype("float32")
    if fixed:
        y = y / np.abs(y).max() * 0.9
    m = keras.Sequential(
        [keras.Input((6,)), L.Dense(32, "tanh"), L.Dense(32, "tanh"), L.Dense(1, "tanh")]
    )
    m.compile(keras.optimizers.Adam(3e-3), "mae" if False else "mse")
    return fit(m, x, y, path, 40)
