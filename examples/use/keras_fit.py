"""A model of Keras, whose training one callback records.

Its last layer is a sigmoid, and the targets go up to 300: it cannot reach them.
"""

import keras
import numpy as np

import defib

keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(400, 4)).astype("float32")
y = 150 + 50 * x[:, :1] + 20 * x[:, 1:2]

model = keras.Sequential(
    [
        keras.Input((4,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="mse")
recorder = defib.KerasRecorder("runs/keras")
model.fit(x, y, epochs=20, validation_split=0.2, verbose=0, callbacks=[recorder])

print(defib.check("runs/keras"))
