"""tensorflow/docs pull 2102: scores without a softmax under a loss that wants probabilities. Cure: from_logits=True."""

# ruff: noqa
from ..checking import *
import keras
from keras import layers

C = "k_from_logits_text"
rng = np.random.default_rng(0)
V, T, N = 400, 40, 2000
y = rng.integers(0, 4, N)
x = rng.integers(20, V, (N, T))
for i in range(N):
    k = rng.integers(4, 9)
    x[i, rng.choice(T, k, False)] = 2 + y[i] * 4 + rng.integers(0, 4, k)
xv, yv, x, y = x[1600:], y[1600:], x[:1600], y[:1600]


def run(from_logits, seed=0):
    keras.utils.set_random_seed(seed)
    m = keras.Sequential(
        [
            keras.Input((T,)),
            layers.Embedding(V + 1, 16),
            layers.Dropout(0.2),
            layers.GlobalAveragePooling1D(),
            layers.Dropout(0.2),
            layers.Dense(4),
        ]
    )
    m.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        if from_logits
        else keras.losses.SparseCategoricalCrossentropy(),
        optimizer="adam",
        metrics=["accuracy"],
    )
    before = m.get_weights()
    h = m.fit(x, y, epochs=30, batch_size=32, validation_data=(xv, yv), verbose=0).history
    return m, before, h


m, b, h = run(False)
note(C, faulty=dict(loss=h["loss"][::8], acc=h["accuracy"][-1], val=h["val_accuracy"][-1]))
diagnose(C, "full", m, x, y, batch_size=32, initial=b, validation=(xv, yv))
diagnose(C, "lazy", m, x, y)
m, b, h = run(True)
note(C, fixed=dict(loss=h["loss"][::8], acc=h["accuracy"][-1], val=h["val_accuracy"][-1]))
diagnose(C, "fixed", m, x, y, batch_size=32, initial=b, validation=(xv, yv))
