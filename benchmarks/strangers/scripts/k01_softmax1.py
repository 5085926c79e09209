"""Dense(1, activation='softmax') + binary_crossentropy: always predicts 1."""

# ruff: noqa
from ..keras_fit import *

ACCEPT = ["activation-loss-mismatch"]


def train(fixed, path):
    seed(101)
    x = np.random.randn(800, 12).astype("float32")
    y = (x[:, 0] + x[:, 1] ** 2 > 1).astype("float32")
    m = keras.Sequential(
        [
            keras.Input((12,)),
            L.Dense(32, "relu"),
            L.Dense(16, "relu"),
            L.Dense(1, "sigmoid" if fixed else "softmax"),
        ]
    )
    m.compile(keras.optimizers.Adam(3e-3), "binary_crossentropy")
    return fit(m, x, y, path, 20)
