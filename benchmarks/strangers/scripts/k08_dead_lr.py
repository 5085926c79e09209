"""SGD lr 1.5 with relu: all units dead after a few steps, accuracy 10 %."""

# ruff: noqa
from ..keras_fit import *
from sklearn.datasets import load_digits

ACCEPT = ["learning-rate-too-high", "dead-units"]


def train(fixed, path):
    seed(108)
    d = load_digits()
    x = (d.data[:1200] / 16).astype("float32")
    y = d.target[:1200]
    m = keras.Sequential(
        [
            keras.Input((64,)),
            L.Dense(64, "relu"),
            L.Dense(64, "relu"),
            L.Dense(32, "relu"),
            L.Dense(10, "softmax"),
        ]
    )
    m.compile(
        keras.optimizers.SGD(0.1 if fixed else 3.0, momentum=0.0 if not fixed else 0.5),
        "sparse_categorical_crossentropy",
    )
    return fit(m, x, y, path, 12)
