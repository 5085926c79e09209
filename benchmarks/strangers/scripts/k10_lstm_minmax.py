"""Stock-like series around 4000 unscaled into an LSTM: a constant is predicted."""

# ruff: noqa
from ..keras_fit import *

ACCEPT = ["unscaled-features", "unscaled-targets", "saturated-units"]


def train(fixed, path):
    seed(110)
    w = (
        4000
        + 300 * np.sin(np.arange(620) * 0.15)
        + 120 * np.sin(np.arange(620) * 0.41)
        + 10 * np.random.randn(620)
    )
    if fixed:
        w = (w - w.mean()) / w.std()
    x = np.stack([w[i : i + 10] for i in range(600)])[..., None].astype("float32")
    y = w[10:610].astype("float32")
    m = keras.Sequential([keras.Input((10, 1)), L.LSTM(24), L.Dense(1)])
    m.compile(keras.optimizers.Adam(5e-3), "mse")
    return fit(m, x, y, path, 12)
