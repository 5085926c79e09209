"""Np.reshape of channels-first images (N, 3, H, W) to channels-last instead of moveaxis: data
mixed before the model.
"""

# ruff: noqa
from ..keras_fit import *

ACCEPT = ["unlearnable-target", "below-baseline", "under-capacity", "mixed-axes"]


def train(fixed, path):
    seed(115)
    n = 800
    x = np.random.rand(n, 3, 10, 10).astype("float32") * 0.3
    y = np.random.randint(0, 3, n)
    for i in range(n):
        r, c = np.random.randint(0, 7, 2)
        x[i, y[i], r : r + 3, c : c + 3] += 0.5
    x = np.moveaxis(x, 1, -1) if fixed else x.reshape(n, 10, 10, 3)
    m = keras.Sequential(
        [
            keras.Input((10, 10, 3)),
            L.Conv2D(8, 3, activation="relu"),
            L.GlobalMaxPooling2D(),
            L.Dense(3, "softmax"),
        ]
    )
    m.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
    return fit(m, x, y, path, 15)
