"""Base.trainable = False on a base whose weights are random: the head alone cannot do it."""

# ruff: noqa
from ..keras_fit import *
from sklearn.datasets import load_digits

ACCEPT = ["unoptimized-parameters", "under-capacity", "unchanged-weights"]


def train(fixed, path):
    seed(114)
    d = load_digits()
    x = (d.images[:1000, :, :, None] / 16).astype("float32")
    y = d.target[:1000]
    base = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            L.Conv2D(8, 3, activation="relu"),
            L.Conv2D(8, 3, activation="relu"),
            L.GlobalAveragePooling2D(),
        ]
    )
    base.trainable = fixed
    m = keras.Sequential([keras.Input((8, 8, 1)), base, L.Dense(10, "softmax")])
    m.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
    return fit(m, x, y, path, 30)
