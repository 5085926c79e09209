"""Kernel_regularizer=l2(1.0) on every layer."""

# ruff: noqa
from ..keras_fit import *

ACCEPT = ["strong-regularization"]


def train(fixed, path):
    seed(112)
    x = np.random.randn(900, 8).astype("float32")
    y = (np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2]).astype("float32")
    R = lambda: keras.regularizers.l2(1e-5 if fixed else 1.0)
    m = keras.Sequential(
        [
            keras.Input((8,)),
            L.Dense(48, "relu", kernel_regularizer=R()),
            L.Dense(48, "relu", kernel_regularizer=R()),
            L.Dense(1, kernel_regularizer=R()),
        ]
    )
    m.compile(keras.optimizers.Adam(5e-3), "mse")
    return fit(m, x, y, path, 30)
