"""ExponentialDecay(decay_steps=10, decay_rate=.5): the rate is gone after an epoch."""

# ruff: noqa
from ..keras_fit import *
from sklearn.datasets import load_digits

ACCEPT = ["decayed-learning-rate"]


def train(fixed, path):
    seed(117)
    d = load_digits()
    x = (d.images[:1000, ..., None] / 16).astype("float32")
    y = d.target[:1000]
    m = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            L.Conv2D(8, 3, activation="relu"),
            L.Flatten(),
            L.Dense(10, "softmax"),
        ]
    )
    m.compile(
        keras.optimizers.Adam(
            keras.optimizers.schedules.ExponentialDecay(3e-3, 10 if not fixed else 2000, 0.5)
        ),
        "sparse_categorical_crossentropy",
    )
    return fit(m, x, y, path, 15)
