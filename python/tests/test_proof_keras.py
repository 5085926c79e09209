"""Every export of a Keras model is proved: modes, wrappers and layouts are honoured or refused."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import pytest

keras = pytest.importorskip("keras")
from keras import layers as L  # noqa: E402

import defib  # noqa: E402

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="losses are compared with a GradientTape"
)
ROWS = 40


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(3)


def data(*shape, targets=(1,)):
    random = np.random.default_rng(0)
    x = random.standard_normal((ROWS, *shape)).astype("float32") * 3 + 1
    return x, random.standard_normal((ROWS, *targets)).astype("float32")


class Off(keras.Model):
    """Hands its own mode on, which is off by default."""

    def __init__(self):
        super().__init__()
        self.bn, self.head = L.BatchNormalization(), L.Dense(1)

    def call(self, x, training=False):
        return self.head(self.bn(x, training=training))


class Never(Off):
    def call(self, x):
        return self.head(self.bn(x, training=False))


class Always(Off):
    def call(self, x):
        return self.head(self.bn(x, training=True))


class Outer(keras.Model):
    """Calls a layer of its own in inference mode: the mode counts for what is inside."""

    def __init__(self):
        super().__init__()
        self.inner, self.head = Block(), L.Dense(1)

    def call(self, x):
        return self.head(self.inner(x, training=False))


class Block(L.Layer):
    def __init__(self):
        super().__init__()
        self.bn = L.BatchNormalization()

    def build(self, shape):
        self.bn.build(shape)

    def call(self, x):
        return self.bn(x)


def backbone(**given):
    base = keras.Sequential([keras.Input((5,)), L.Dense(6), L.BatchNormalization()])
    inputs = keras.Input((5,))
    return keras.Model(inputs, L.Dense(1)(base(inputs, **given)))


def frozen():
    model = backbone()
    model.layers[1].trainable = False
    return model


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize(
    "make",
    [Off, Never, Always, Outer, backbone, lambda: backbone(training=False), frozen],
)
def test_modes_are_those_of_fit(make, mode):
    model = make()
    x, y = data(5)
    model(x[:2])
    for layer in model._flatten_layers():
        if isinstance(layer, L.BatchNormalization):
            layer.moving_mean.assign(np.full(layer.moving_mean.shape, 0.7))
    wanted = float(np.mean((np.asarray(model(x, training=mode == "train")) - y) ** 2))
    replay = defib.replay(model, x, y, loss="mse", mode=mode, batch_size=ROWS, verify=False)
    assert replay.loss == pytest.approx(wanted, rel=1e-4)
    defib.replay(model, x, y, loss="mse", mode=mode)


def test_spectral_normalization_is_refused_by_name():
    model = keras.Sequential([keras.Input((5,)), L.SpectralNormalization(L.Dense(4)), L.Dense(1)])
    with pytest.raises(defib.ExportError, match="SpectralNormalization"):
        defib.check(model, *data(5), loss="mse")


class Stopped(L.Layer):
    def call(self, x):
        return keras.ops.stop_gradient(x) * 2 + keras.ops.tanh(keras.ops.stop_gradient(x) * x)


def test_a_stopped_gradient_is_honoured():
    inputs = keras.Input((5,))
    h = L.Dense(4, name="before")(inputs)
    cut = keras.ops.stop_gradient(L.Dense(4, name="cut")(inputs))
    model = keras.Model(inputs, L.Dense(1, name="after")(Stopped()(h) + cut))
    x, y = data(5)
    gradients = defib.replay(model, x, y, loss="mse", verify=True).gradients
    assert not np.any(gradients.get("cut/kernel", 0))
    assert np.any(gradients["before/kernel"])


class Counted(L.Layer):
    """Changes a state of its own in every call, which a graph does not show."""

    def build(self, _):
        self.scale = self.add_weight(shape=(), initializer="ones", trainable=False)

    def call(self, x):
        self.scale.assign(self.scale * 2.0)
        return x * self.scale


@pytest.mark.parametrize("layer", [Counted])
def test_what_a_graph_does_not_show_is_refused(layer):
    model = keras.Sequential([keras.Input((5,)), L.Dense(4), layer(), L.Dense(1)])
    with pytest.raises(defib.ExportError):
        defib.check(model, *data(5), loss="mse")


@pytest.mark.parametrize(
    ("units", "activation", "loss"),
    [
        (1, "sigmoid", "binary_crossentropy"),
        (3, "sigmoid", "binary_crossentropy"),
        (3, "softmax", "categorical_crossentropy"),
        (3, "softmax", "sparse_categorical_crossentropy"),
        (3, None, "mse"),
        (1, "sigmoid", "mse"),
    ],
)
def test_heads_over_images_meet_their_targets(units, activation, loss):
    model = keras.Sequential(
        [keras.Input((6, 7, 2)), L.Conv2D(4, 3, padding="same", activation="relu"),
         L.Conv2D(units, 3, padding="same", activation=activation)]
    )  # fmt: skip
    x, y = data(6, 7, 2, targets=(6, 7, units))
    if "sparse" in loss:
        y = np.argmax(y, axis=-1)
    elif loss == "categorical_crossentropy":
        y = np.eye(units, dtype="float32")[np.argmax(y, axis=-1)]
    elif "cross" in loss:
        y = (y > 0).astype("float32")
    model.compile(loss=loss, optimizer="sgd")
    wanted = model.evaluate(x, y, verbose=0, batch_size=ROWS)
    assert defib.replay(model, x, y, batch_size=ROWS).loss == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize(
    ("units", "activation", "loss"),
    [
        (1, "softmax", "binary_crossentropy"),
        (3, "softmax", "binary_crossentropy"),
        (3, "sigmoid", "categorical_crossentropy"),
        (3, "sigmoid", "sparse_categorical_crossentropy"),
    ],
)
def test_a_loss_of_the_other_activation_is_taken_as_keras_takes_it(units, activation, loss):
    model = keras.Sequential([keras.Input((5,)), L.Dense(8, "relu"), L.Dense(units, activation)])
    x, y = data(5, targets=(units,))
    y = (y > 0).astype("float32")
    if "categorical" in loss:
        y = np.eye(3, dtype="float32")[np.arange(ROWS) % 3]
    if "sparse" in loss:
        y = np.arange(ROWS) % 3
    model.compile(loss=loss, optimizer="sgd")
    wanted = model.evaluate(x, y, verbose=0, batch_size=ROWS)
    assert defib.replay(model, x, y, batch_size=ROWS).loss == pytest.approx(wanted, rel=1e-4)


def test_the_model_is_left_as_it_was():
    model = keras.Sequential(
        [keras.Input((5,)), L.Dense(6), L.BatchNormalization(), L.Dropout(0.5),
         L.GaussianNoise(0.1), L.Dense(1)]
    )  # fmt: skip
    x, y = data(5)
    model.compile(loss="mse", optimizer="adam")
    model.fit(x, y, epochs=1, verbose=0)
    before = [np.array(v) for v in model.variables + model.optimizer.variables]
    numbers = np.random.get_state()[1].copy()
    defib.check(model, x, y)
    after = [np.array(v) for v in model.variables + model.optimizer.variables]
    assert all((a == b).all() for a, b in zip(before, after, strict=True))
    assert (numbers == np.random.get_state()[1]).all()
    assert model.layers[2].rate == 0.5


def test_a_wrong_conversion_is_found(monkeypatch):
    from defib.exporters.keras import tables

    model = keras.Sequential([keras.Input((5,)), L.Dense(4, "tanh"), L.Dense(1)])
    x, y = data(5)
    defib.check(model, x, y, loss="mse")
    held = tables.LAYERS["Dense"]

    def wrong(call):
        call.op.use_bias, before = False, call.op.use_bias
        try:
            return held(call)
        finally:
            call.op.use_bias = before

    monkeypatch.setitem(tables.LAYERS, "Dense", wrong)
    model.layers[0].bias.assign(np.ones(4))
    with pytest.raises(defib.UnfaithfulExport, match="Keras has"):
        defib.check(model, x, y, loss="mse")
    defib.check(model, x, y, loss="mse", verify=False)


@pytest.mark.parametrize("scale", [1e-4, 1e4])
def test_ill_conditioned_models_are_no_false_alarm(scale):
    deep = [layer for _ in range(30) for layer in (L.Dense(12, "relu"), L.BatchNormalization())]
    model = keras.Sequential([keras.Input((5,)), *deep, L.Dense(1)])
    x, y = data(5)
    defib.replay(model, x * scale, y, loss="mse")
    model.layers[0].kernel.assign(np.full((5, 12), np.nan))
    defib.replay(model, x, y, loss="mse")
