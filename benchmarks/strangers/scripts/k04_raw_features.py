"""Population 1e4, income 3, year 1990 next to each other, SGD: NaN."""

# ruff: noqa
from ..keras_fit import *

ACCEPT = ["unscaled-features"]


def train(fixed, path):
    seed(104)
    n = 800
    z = np.random.randn(n, 4)
    x = np.stack([20000 + 9000 * z[:, 0], 3 + z[:, 1], 1990 + 10 * z[:, 2], 0.1 * z[:, 3]], 1)
    y = np.tanh(z[:, 0]) + 0.7 * z[:, 1] - 0.5 * z[:, 3] * z[:, 2]
    if fixed:
        x = z
    m = keras.Sequential([keras.Input((4,)), L.Dense(32, "relu"), L.Dense(1)])
    m.compile(keras.optimizers.SGD(0.03, momentum=0.9), "mse")
    return fit(m, x.astype("float32"), y.astype("float32"), path, 30)
