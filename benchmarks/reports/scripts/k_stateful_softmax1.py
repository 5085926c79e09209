"""stackoverflow 47241622: softmax over one unit, labels of -1 and 1. Cure: sigmoid and labels of 0 and 1."""

# ruff: noqa
from ..checking import *
import keras
from keras import layers

C = "k_stateful_softmax1"
rng = np.random.default_rng(0)
N = 2000
c = rng.integers(0, 2, size=(N, 16, 8)).astype("float32")
w = rng.normal(size=(16, 8))
s = ((c - 0.5) * w).sum((1, 2))
r = np.where(s > np.median(s), 1, -1).astype("float32")
tr, ts = c[:1600], c[1600:]


def run(act, labels, stateful, epochs=12):
    keras.utils.set_random_seed(0)
    ytr, yts = (r[:1600], r[1600:]) if labels == "pm1" else ((r[:1600] + 1) / 2, (r[1600:] + 1) / 2)
    inp = dict(batch_shape=(200, 16, 8)) if stateful else dict(shape=(16, 8))
    m = keras.Sequential(
        [keras.Input(**inp), layers.LSTM(32, stateful=stateful), layers.Dense(1, activation=act)]
    )
    m.compile(
        loss="binary_crossentropy",
        optimizer=keras.optimizers.Adam(0.01 if act == "sigmoid" else 0.001),
        metrics=["accuracy"],
    )
    before = m.get_weights()
    h = m.fit(
        tr, ytr, batch_size=200, epochs=epochs, shuffle=True, validation_data=(ts, yts), verbose=0
    ).history
    return m, ytr, yts, before, h


m, ytr, yts, before, h = run("softmax", "pm1", True)
note(C, faulty=dict(loss=h["loss"][-1], acc=h["accuracy"][-1], val=h["val_accuracy"][-1]))
diagnose(C, "full_stateful", m, tr, ytr, batch_size=200, initial=before, validation=(ts, yts))
m, ytr, yts, before, h = run("softmax", "pm1", False)
diagnose(C, "full", m, tr, ytr, batch_size=200, initial=before, validation=(ts, yts))
diagnose(C, "lazy", m, tr, ytr)
m, ytr, yts, before, h = run("sigmoid", "01", False, 40)
note(C, fixed=dict(loss=h["loss"][-1], acc=h["accuracy"][-1], val=h["val_accuracy"][-1]))
diagnose(C, "fixed", m, tr, ytr, batch_size=200, initial=before, validation=(ts, yts))
m, ytr, yts, before, h = run("sigmoid", "pm1", False, 40)
note(C, halffixed=dict(loss=h["loss"][-1], acc=h["accuracy"][-1], val=h["val_accuracy"][-1]))
diagnose(C, "halffixed", m, tr, ytr, batch_size=200, initial=before, validation=(ts, yts))
