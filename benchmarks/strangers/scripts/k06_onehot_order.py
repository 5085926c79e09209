"""Get_dummies of strings for train (alphabetical), by order of appearance for validation."""

# ruff: noqa
from ..keras_fit import *
from sklearn.datasets import load_wine

ACCEPT = ["train-validation-skew", "unpaired-validation"]


def train(fixed, path):
    seed(106)
    d = load_wine()
    p = np.random.permutation(178)
    x = ((d.data - d.data.mean(0)) / d.data.std(0)).astype("float32")[p]
    y = np.eye(3, dtype="float32")[d.target[p]]
    yv = y[130:] if fixed else y[130:][:, [2, 0, 1]]
    m = keras.Sequential([keras.Input((13,)), L.Dense(24, "relu"), L.Dense(3, "softmax")])
    m.compile(keras.optimizers.Adam(1e-2), "categorical_crossentropy")
    return fit(m, x[:130], y[:130], path, 20, bs=16, validation_data=(x[130:], yv))
