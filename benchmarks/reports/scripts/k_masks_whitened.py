"""stackoverflow 57200621: masks were standardised together with the images. Cure: leave them 0 and 1."""

# ruff: noqa
from ..checking import *
import keras
from keras import layers

C = "k_masks_whitened"
rng = np.random.default_rng(0)
N, S = 240, 24
yy, xx = np.mgrid[:S, :S]
img = np.zeros((N, S, S, 1), "float32")
msk = np.zeros((N, S, S, 1), "float32")
for i in range(N):
    cy, cx, rad = rng.uniform(6, 18, 2).tolist() + [rng.uniform(3, 6)]
    msk[i, ..., 0] = (yy - cy) ** 2 + (xx - cx) ** 2 < rad**2
    img[i, ..., 0] = msk[i, ..., 0] * 90 + 80 + rng.normal(0, 25, (S, S))
X = (img - img.mean()) / img.std()
W = (msk - msk.mean()) / msk.std()


def unet():
    i = keras.Input((S, S, 1))

    def cb(t, f):
        return layers.Activation("relu")(
            layers.BatchNormalization()(layers.Conv2D(f, 3, padding="same")(t))
        )

    a = cb(i, 8)
    p = layers.MaxPooling2D()(a)
    b = cb(p, 16)
    u = layers.UpSampling2D()(b)
    c = layers.Concatenate()([a, u])
    d = cb(c, 8)
    return keras.Model(i, layers.Conv2D(1, 1, activation="sigmoid")(d))


def run(y):
    keras.utils.set_random_seed(0)
    m = unet()
    m.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    before = m.get_weights()
    h = m.fit(
        X[:200], y[:200], batch_size=16, epochs=12, validation_data=(X[200:], msk[200:]), verbose=0
    ).history
    p = m.predict(X[200:], verbose=0) > 0.5
    t = msk[200:] > 0.5
    iou = (p & t).sum() / (p | t).sum()
    return m, before, h, float(iou)


m, before, h, iou = run(W)
note(
    C, faulty=dict(loss=h["loss"][::4], val_loss=h["val_loss"][-1], acc=h["accuracy"][-1], iou=iou)
)
diagnose(
    C, "full", m, X[:200], W[:200], batch_size=16, initial=before, validation=(X[200:], msk[200:])
)
diagnose(C, "lazy", m, X[:200], W[:200])
m, before, h, iou = run(msk)
note(C, fixed=dict(loss=h["loss"][::4], val_loss=h["val_loss"][-1], acc=h["accuracy"][-1], iou=iou))
diagnose(
    C,
    "fixed",
    m,
    X[:200],
    msk[:200],
    batch_size=16,
    initial=before,
    validation=(X[200:], msk[200:]),
)
