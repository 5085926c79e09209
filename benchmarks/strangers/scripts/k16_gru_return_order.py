"""SGD with clipvalue=1e-4 in the optimizer."""

# ruff: noqa
from ..keras_fit import *

ACCEPT = ["clipped-gradients", "learning-rate-too-low"]


def train(fixed, path):
    seed(116)
    x = np.random.randn(700, 8, 2).astype("float32")
    y = (x[:, :, 0].sum(1) * 0.4 + x[:, -1, 1]).astype("float32")
    m = keras.Sequential([keras.Input((8, 2)), L.GRU(16), L.Dense(1)])
    m.compile(keras.optimizers.SGD(0.05, momentum=0.9, clipvalue=5.0 if fixed else 1e-5), "mse")
    return fit(m, x, y, path, 15)
