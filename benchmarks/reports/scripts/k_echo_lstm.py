"""stackoverflow 51432661: a sequence of one step: the LSTM has nothing to remember, and echoes the last value. Cure: steps on the time axis; predict the change."""

# ruff: noqa
from ..checking import *
import keras
from keras import layers

C = "k_echo_lstm"
SEED = 1
rng = np.random.default_rng(0)
n = 900
g = np.zeros(n)
for t in range(1, n):
    g[t] = 0.97 * g[t - 1] + rng.normal(0, 0.18)  # a noisy level, min-max scaled as in the question
s = np.exp(g)
s = ((s - s.min()) / (s.max() - s.min())).astype("float32")
X = np.stack([s[i : i + 8] for i in range(n - 8)])[:, None, :]
Y = s[8:, None]
k = 650
trx, tx, try_, ty = X[:k], X[k:], Y[:k], Y[k:]


def run(diff):
    keras.utils.set_random_seed(SEED)
    m = keras.Sequential(
        [
            keras.Input((1, 8)),
            layers.Activation("relu"),
            layers.LSTM(32),
            layers.Dense(1, activation=None if diff else "relu"),
        ]
    )
    m.compile(loss="mse", optimizer="adam")
    b = m.get_weights()
    a, c = (try_ - trx[:, 0, -1:], ty - tx[:, 0, -1:]) if diff else (try_, ty)
    h = m.fit(
        trx, a, epochs=40, validation_data=(tx, c), batch_size=10, verbose=0, shuffle=False
    ).history
    p = m.predict(tx, verbose=0)
    return m, b, h, a, c, p


m, b, h, a, c, p = run(False)
note(
    C,
    faulty=dict(
        corr_with_last=float(np.corrcoef(p[:, 0], tx[:, 0, -1])[0, 1]),
        mse_model=float(((p - ty) ** 2).mean()),
        mse_persist=float(((tx[:, 0, -1:] - ty) ** 2).mean()),
        var=float(ty.var()),
    ),
)
diagnose(C, "full", m, trx, a, batch_size=10, initial=b, validation=(tx, c))
diagnose(C, "lazy", m, trx, a)
m, b, h, a, c, p = run(True)
note(C, differenced=dict(mse=h["val_loss"][-1], var=float(c.var())))
diagnose(C, "fixed", m, trx, a, batch_size=10, initial=b, validation=(tx, c))
