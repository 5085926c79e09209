"""stackoverflow 55322991: ReLU within LSTM cells explodes. Cure: tanh."""

# ruff: noqa
from ..checking import *
import keras
from keras import layers

C = "k_lstm_relu_nan"
rng = np.random.default_rng(0)
V, T, N = 200, 60, 640
y = rng.integers(0, 2, N).astype("float32")
x = rng.integers(10, V, (N, T))
for i in range(N):
    x[i, rng.choice(T, 10, False)] = (2 if y[i] else 6) + rng.integers(0, 4, 10)
xv, yv, x, y = x[512:], y[512:], x[:512], y[:512]


def run(act, epochs=8):
    keras.utils.set_random_seed(0)
    m = keras.Sequential(
        [
            keras.Input((T,)),
            layers.Embedding(V, 32, embeddings_initializer=keras.initializers.RandomUniform(-1, 1)),
            layers.LSTM(64, activation=act, return_sequences=True),
            layers.LSTM(10, activation=act),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    m.compile(
        loss="binary_crossentropy", optimizer=keras.optimizers.Adagrad(0.05), metrics=["accuracy"]
    )
    b = m.get_weights()
    h = m.fit(x, y, epochs=epochs, batch_size=32, validation_data=(xv, yv), verbose=0).history
    return m, b, h


m, b, h = run("relu")
note(C, faulty=dict(loss=h["loss"], acc=h["accuracy"][-1]))
diagnose(C, "full", m, x, y, batch_size=32, initial=b, validation=(xv, yv))
diagnose(C, "lazy", m, x, y)
m, b, h = run("tanh")
note(C, fixed=dict(loss=h["loss"], acc=h["accuracy"][-1], val=h["val_accuracy"][-1]))
diagnose(C, "fixed", m, x, y, batch_size=32, initial=b, validation=(xv, yv))
