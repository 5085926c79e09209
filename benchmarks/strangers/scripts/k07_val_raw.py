"""Training images / 16, validation images as they are."""

# ruff: noqa
from ..keras_fit import *
from sklearn.datasets import load_digits

ACCEPT = ["train-validation-skew"]


def train(fixed, path):
    seed(107)
    d = load_digits()
    x = d.images[..., None].astype("float32")
    y = d.target
    xt = x[:1000] / 16
    xv = x[1000:1300] / (16 if fixed else 1)
    m = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            L.Conv2D(8, 3, activation="relu"),
            L.Flatten(),
            L.Dense(10, "softmax"),
        ]
    )
    m.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
    return fit(m, xt, y[:1000], path, 12, validation_data=(xv, y[1000:1300]))
