"""Losses of Keras that have no kind of their own, and losses that a script wrote: against Keras."""

import json
import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
keras = pytest.importorskip("keras")

from keras import ops  # noqa: E402

import defib  # noqa: E402

pytestmark = pytest.mark.engine

ROWS = 40
RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((ROWS, 4)).astype("float32")
VALUES = RANDOM.standard_normal((ROWS, 2)).astype("float32")
SIZES = np.abs(VALUES) + 0.1
EVENTS = RANDOM.integers(0, 2, (ROWS, 1)).astype("float32")
CLASSES = np.eye(3, dtype="float32")[RANDOM.integers(0, 3, ROWS)]


class Fourth(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return ops.mean((y_true - y_pred) ** 4, axis=-1)


class Thrice(keras.losses.MeanSquaredError):
    def call(self, y_true, y_pred):
        return 3 * super().call(y_true, y_pred)


def root(y_true, y_pred):
    return ops.sqrt(ops.mean(ops.square(y_true - y_pred)))


def overlap(y_true, y_pred):
    both = ops.sum(y_true * y_pred)
    return 1 - (2 * both + 1) / (ops.sum(y_true) + ops.sum(y_pred) + 1)


def pinball(y_true, y_pred):
    error = y_true - y_pred
    return ops.mean(ops.maximum(0.9 * error, -0.1 * error), axis=-1)


L = keras.losses
#: name -> (loss, units, activation, targets)
LOSSES = {
    "mape": ("mape", 2, None, SIZES),
    "msle": (L.MeanSquaredLogarithmicError(), 2, "softplus", SIZES),
    "cosine": (L.CosineSimilarity(), 2, None, VALUES),
    "binary focal": (L.BinaryFocalCrossentropy(), 1, "sigmoid", EVENTS),
    "binary focal of logits": (L.BinaryFocalCrossentropy(from_logits=True), 1, None, EVENTS),
    "focal": (L.CategoricalFocalCrossentropy(), 3, "softmax", CLASSES),
    "categorical hinge": (L.CategoricalHinge(), 3, None, CLASSES),
    "dice": (L.Dice(), 1, "sigmoid", EVENTS),
    "tversky": (L.Tversky(alpha=0.3, beta=0.7), 1, "sigmoid", EVENTS),
    "class": (Fourth(), 2, None, VALUES),
    "summed class": (Fourth(reduction="sum"), 2, None, VALUES),
    "changed class": (Thrice(), 2, None, VALUES),
    "root": (root, 2, None, VALUES),
    "overlap": (overlap, 1, "sigmoid", EVENTS),
    "pinball": (pinball, 2, None, VALUES),
    "lambda": (lambda t, p: ops.abs(t - p) ** 1.5, 2, None, VALUES),
    "flat targets": (lambda t, p: ops.square(t - p), 1, None, VALUES[:, 0]),
    "of the prediction alone": (lambda _, p: ops.mean(p**2, axis=-1), 2, None, VALUES),
}


def network(units, activation):
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(units, activation)]
    return keras.Sequential([keras.Input((4,)), *layers])


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_the_one_that_keras_evaluates(name, tmp_path):
    loss, units, activation, y = LOSSES[name]
    model = network(units, activation)
    model.compile("sgd", loss)
    replay = defib.replay(model, X, y)  # its proof compares the gradients, too
    wanted = float(model.evaluate(X, y, batch_size=ROWS, verbose=0))
    assert replay.loss == pytest.approx(wanted, rel=1e-5, abs=1e-6)
    run = defib.export(tmp_path / "run", model, X, y, verify=False)
    (entry,) = json.loads((run.path / "run.json").read_text())["losses"]
    assert entry["kind"] == "custom"


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="functions of TensorFlow")
def test_functions_of_tensorflow_are_those_of_keras():
    import tensorflow as tf

    scope = {"tf": tf}
    source = (
        "def own(y_true, y_pred):\n"
        "    size = tf.abs(tf.cast(y_true, tf.float32) - y_pred)\n"
        "    held = tf.where(size < 1.0, 0.5 * tf.square(size), size - 0.5)\n"
        "    return tf.reduce_mean(tf.math.log(1.0 + held), axis=-1)\n"
    )
    exec(source, scope)
    model = network(2, None)
    model.compile("sgd", scope["own"])
    wanted = float(model.evaluate(X, VALUES, batch_size=ROWS, verbose=0))
    assert defib.replay(model, X, VALUES).loss == pytest.approx(wanted, rel=1e-5)
    assert scope["tf"] is tf


def test_what_keras_cannot_trace_is_refused_with_a_reason():
    model = network(2, None)
    with pytest.raises(defib.ExportError, match=r"loss a lambda cannot be traced.*keras.ops"):
        defib.replay(model, X, VALUES, loss=lambda t, p: np.mean(np.asarray(p) - t))
