"""Dense(10) without activation + sparse_categorical_crossentropy (from_logits False)."""

# ruff: noqa
from ..keras_fit import *
from sklearn.datasets import load_digits

ACCEPT = ["activation-loss-mismatch"]


def train(fixed, path):
    seed(102)
    d = load_digits()
    x = (d.images[:1000, :, :, None] / 16.0).astype("float32")
    y = d.target[:1000]
    m = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            L.Conv2D(8, 3, activation="relu"),
            L.MaxPooling2D(),
            L.Flatten(),
            L.Dense(32, "relu"),
            L.Dense(10, "softmax" if fixed else None),
        ]
    )
    m.compile(keras.optimizers.Adam(5e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return fit(m, x, y, path, 12)
