"""Masks of Keras: the proof of the export holds outputs and gradients against Keras' own."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from keras import layers as L  # noqa: E402

import defib  # noqa: E402

pytestmark = pytest.mark.engine

STEPS = 9


def padded(kind):
    """Return words of texts, with 0 where there is none."""
    rng = np.random.default_rng(0)
    ids = rng.integers(1, 20, (8, STEPS))
    for row in ids:
        count = int(rng.integers(1, 6))
        if kind == "behind":
            row[-count:] = 0
        elif kind == "in front":
            row[:count] = 0
        else:
            row[rng.permutation(STEPS)[:count]] = 0
    if kind == "everywhere":
        ids[0] = 0
    return ids


LAYERS = {
    "LSTM": lambda h: L.LSTM(5)(h),
    "backwards": lambda h: L.GRU(4, go_backwards=True)(h),
    "one on another": lambda h: L.SimpleRNN(4)(L.GRU(5, return_sequences=True)(h)),
    "both ways": lambda h: L.LSTM(4)(L.Bidirectional(L.LSTM(5, return_sequences=True))(h)),
    "attention": lambda h: L.GlobalMaxPooling1D()(L.MultiHeadAttention(2, 4)(h, h)),
    "causal attention": lambda h: L.GlobalMaxPooling1D()(
        L.MultiHeadAttention(2, 4)(h, h, use_causal_mask=True)
    ),
}


def model(layer, inputs=None, embedded=None):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((STEPS,), dtype="int32") if inputs is None else inputs
    h = L.Embedding(20, 6, mask_zero=True)(inputs) if embedded is None else embedded
    return keras.Model(inputs, L.Dense(1)(layer(h)))


@pytest.mark.parametrize("kind", ["behind", "in front", "between", "everywhere"])
@pytest.mark.parametrize("name", LAYERS)
def test_padding(name, kind):
    x, y = padded(kind), np.random.default_rng(1).normal(size=(8, 1)).astype("float32")
    built = model(LAYERS[name])
    wanted = float(np.mean((np.asarray(built(x)) - y) ** 2))
    replay = defib.replay(built, x, y, loss="mse")
    assert replay.loss == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("kind", ["behind", "in front", "between"])
def test_the_mean_of_the_steps_that_are_kept(kind):
    x, y = padded(kind), np.ones((8, 1), "float32")
    built = model(lambda h: L.GlobalAveragePooling1D()(L.Dense(5, "relu")(h)))
    wanted = float(np.mean((np.asarray(built(x)) - y) ** 2))
    assert defib.replay(built, x, y, loss="mse").loss == pytest.approx(wanted, rel=1e-5)


def test_masked_steps_of_numbers():
    inputs = keras.Input((STEPS, 3))
    built = model(LAYERS["one on another"], inputs, L.Masking()(inputs))
    x = np.random.default_rng(0).normal(size=(8, STEPS, 3)).astype("float32")
    x[:, 4:6] = 0
    y = np.ones((8, 1), "float32")
    wanted = float(np.mean((np.asarray(built(x)) - y) ** 2))
    assert defib.replay(built, x, y, loss="mse").loss == pytest.approx(wanted, rel=1e-5)


def test_what_uses_a_mask_in_a_way_of_its_own_is_named():
    x, y = padded("behind"), np.ones((8, 1), "float32")
    built = model(lambda h: L.LSTM(3)(L.BatchNormalization(name="norm")(h)))
    with pytest.raises(defib.ExportError, match="norm: BatchNormalization is called with a mask"):
        defib.replay(built, x, y, loss="mse")
    built = model(lambda h: L.LSTM(3, return_sequences=True)(h))
    with pytest.raises(defib.ExportError, match="an output of the model carries a mask"):
        defib.replay(built, x, np.ones((8, STEPS, 1), "float32"), loss="mse")
