"""Dense layers without activations on two-spirals-like data: accuracy at chance."""

# ruff: noqa
from ..keras_fit import *

ACCEPT = ["missing-nonlinearity"]


def train(fixed, path):
    seed(113)
    x = np.random.uniform(-1, 1, (1000, 2)).astype("float32")
    y = ((np.floor(x[:, 0] * 2) + np.floor(x[:, 1] * 2)) % 2).astype("float32")
    a = "relu" if fixed else None
    m = keras.Sequential(
        [keras.Input((2,)), L.Dense(64, a), L.Dense(64, a), L.Dense(64, a), L.Dense(1, "sigmoid")]
    )
    m.compile(keras.optimizers.Adam(5e-3), "binary_crossentropy")
    return fit(m, x, y, path, 40)
