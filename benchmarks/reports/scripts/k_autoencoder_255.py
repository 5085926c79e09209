"""keras issue 3642: pixels of 0..255 under a sigmoid and cross-entropy. Cure: divide by 255."""

# ruff: noqa
from ..checking import *
import keras
from keras import layers

C = "k_autoencoder_255"
a, _, b, _ = digits(scale=255 / 16.0, image=False)


def run(div):
    keras.utils.set_random_seed(0)
    x, v = a / div, b / div
    i = keras.Input((64,))
    e = layers.Dense(16, activation="relu")(i)
    d = layers.Dense(64, activation="sigmoid")(e)
    m = keras.Model(i, d)
    m.compile(optimizer=keras.optimizers.Adadelta(1.0), loss="binary_crossentropy")
    before = m.get_weights()
    h = m.fit(
        x, x, epochs=50, batch_size=64, shuffle=True, validation_data=(v, v), verbose=0
    ).history
    p = m.predict(v, verbose=0)
    r2 = 1 - ((p - v / v.max()) ** 2).mean() / ((v / v.max() - (v / v.max()).mean(0)) ** 2).mean()
    return m, x, v, before, h, float(r2), float(np.std(p, 0).mean())


m, x, v, before, h, r2, sd = run(1.0)
note(C, faulty=dict(loss=h["loss"][::12], r2=r2, spread=sd))
diagnose(C, "full", m, x, x, batch_size=64, initial=before, validation=(v, v))
diagnose(C, "lazy", m, x, x)
m, x, v, before, h, r2, sd = run(255.0)
note(C, fixed=dict(loss=h["loss"][::12], r2=r2, spread=sd))
diagnose(C, "fixed", m, x, x, batch_size=64, initial=before, validation=(v, v))
