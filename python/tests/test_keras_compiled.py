"""What a compiled model of Keras says of its training: losses of its own, heads, rates."""

import os
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import pytest

keras = pytest.importorskip("keras")
from keras import layers as L  # noqa: E402
from keras import ops  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="what Keras takes for logits is TensorFlow's"
)
ROWS = 24


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(3)


def data(*shape, targets=(1,)):
    random = np.random.default_rng(0)
    x = random.standard_normal((ROWS, *shape)).astype("float32") * 2 + 0.5
    return x, random.standard_normal((ROWS, *targets)).astype("float32")


def net(*parts, shape=(5,), **given):
    return keras.Sequential([keras.Input(shape, **given), *parts])


class OwnLoss(keras.losses.MeanSquaredError):
    def call(self, y, p):
        return 3 * super().call(y, p)


def test_a_compute_loss_of_ones_own_is_refused():
    _, (x, y) = net(L.Dense(1)), data(5)

    class Fourth(keras.Model):
        def compute_loss(self, _=None, y=None, y_pred=None, **__):
            return ops.mean((y - y_pred) ** 4)

    inputs = keras.Input((5,))
    model = Fourth(inputs, L.Dense(1)(inputs))
    model.compile(loss="mse", optimizer="sgd")
    with pytest.raises(defib.ExportError, match="Fourth has a compute_loss of its own"):
        defib.check(model, x, y)
    defib.replay(model, x, y, loss="mse")  # the caller says which one it is


@pytest.mark.parametrize(
    ("activation", "units", "loss"),
    [
        ("softmax", 1, "binary_crossentropy"),
        ("softmax", 3, "binary_crossentropy"),
        ("sigmoid", 3, "categorical_crossentropy"),
        ("sigmoid", 3, "sparse_categorical_crossentropy"),
    ],
)
def test_heads_that_do_not_suit_their_loss(activation, units, loss):
    """Keras takes the inputs of either activation for logits of either loss."""
    model, (x, y) = net(L.Dense(units, activation)), data(5, targets=(units,))
    classes = np.argmax(y, axis=1)
    held = {"s": classes, "c": np.eye(units, dtype="float32")[classes]}
    y = held.get(loss[0], (y > 0).astype("float32"))
    model.compile("sgd", loss)
    wanted = model.evaluate(x, y, verbose=0, batch_size=ROWS)
    assert defib.replay(model, x, y, batch_size=ROWS).loss == pytest.approx(wanted, rel=1e-4)


def test_rates_are_the_first_one_and_the_one_of_now():
    x, y = data(5)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    for rate, callbacks in (
        (schedule, []),
        (0.1, [keras.callbacks.LearningRateScheduler(lambda i, now: now / 2 if i else now)]),
    ):
        model = net(L.Dense(1))
        model.compile(keras.optimizers.SGD(rate), "mse")
        model.fit(x, y, epochs=3, verbose=0, callbacks=callbacks)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            entry = build(model, x, y, Settings()).training["optimizer"]
        assert entry["learning_rate"] == pytest.approx(0.1)
        assert entry["current_learning_rate"] == pytest.approx(0.1 / (8 if not callbacks else 4))
