"""Labels 1 and 2, sigmoid, binary_crossentropy: loss goes negative."""

# ruff: noqa
from ..keras_fit import *
from sklearn.datasets import load_breast_cancer

ACCEPT = ["invalid-targets"]


def train(fixed, path):
    seed(105)
    d = load_breast_cancer()
    x = ((d.data - d.data.mean(0)) / d.data.std(0)).astype("float32")
    y = (d.target + (0 if fixed else 1)).astype("float32")
    m = keras.Sequential([keras.Input((30,)), L.Dense(16, "relu"), L.Dense(1, "sigmoid")])
    m.compile(keras.optimizers.Adam(5e-3), "binary_crossentropy")
    return fit(m, x, y, path, 15)
