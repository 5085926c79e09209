"""What a Keras model may hold beside its layers: honoured, or refused by its name."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import pytest

keras = pytest.importorskip("keras")
from keras import layers as L  # noqa: E402
from keras import ops  # noqa: E402

import defib  # noqa: E402

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="gradients are compared with a GradientTape"
)
ROWS = 24


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(3)


def data(*shape, targets=(1,)):
    random = np.random.default_rng(0)
    x = random.standard_normal((ROWS, *shape)).astype("float32") * 2 + 0.5
    return x, random.standard_normal((ROWS, *targets)).astype("float32")


def tokens():
    return np.random.default_rng(0).integers(0, 10, (ROWS, 6)).astype("int32"), data()[1]


def net(*parts, shape=(5,), **given):
    return keras.Sequential([keras.Input(shape, **given), *parts])


class Masks(L.Layer):
    supports_masking = True

    def compute_mask(self, x, _=None):
        return ops.any(ops.not_equal(x, 0), axis=-1)

    def call(self, x):
        return x * 1.0


class Twice(L.Layer):
    def call(self, x):
        return x * 2


class Property(L.Dense):
    @property
    def kernel(self):
        return super().kernel * 2


class Sevenfold(keras.regularizers.L2):
    def __call__(self, x):
        return 7 * super().__call__(x)


def with_lora(layer, *behind, **given):
    model = net(layer, *behind, **given)
    layer.enable_lora(2)
    return model


def quantized(layer, *behind, **given):
    model = net(layer, *behind, **given)
    layer.quantize("int8")
    return model


def busy_model():
    inner = net(L.Dense(4))
    inner.activity_regularizer = keras.regularizers.L2(1.0)
    return net(inner, L.Dense(1))


def attended(layer, *calls):
    inputs = keras.Input((6, 4))
    h = Masks(name="masks")(inputs)
    return keras.Model(inputs, L.Dense(1)(L.Flatten()(layer(*calls[0](h)))))


STEPS, WORDS = {"shape": (6, 2)}, {"shape": (6,), "dtype": "int32"}
FLAT = (L.Flatten, lambda: L.Dense(1))

REFUSED = {
    "activity of a layer of one's own": (
        lambda: net(L.Dense(4), Twice(activity_regularizer="l2"), L.Dense(1)),
        lambda: data(5), "Twice has an activity_regularizer",
    ),
    "activity of a nested model": (busy_model, lambda: data(5), "has an activity_regularizer"),
    "a penalty of one's own": (
        lambda: net(L.Dense(4, kernel_regularizer=lambda w: ops.sum(ops.abs(w))), L.Dense(1)),
        lambda: data(5), "kernel has the regularizer",
    ),
    "a penalty that is a subclass": (
        lambda: net(L.Dense(4, kernel_regularizer=Sevenfold(0.1)), L.Dense(1)),
        lambda: data(5), "the regularizer Sevenfold",
    ),
    "a mask that the loss goes by": (
        lambda: net(Masks(), L.Dense(1), **STEPS), lambda: data(6, 2, targets=(6, 1)),
        "an output of the model carries a mask on",
    ),
    "a mask in a list": (
        lambda: attended(L.Attention(), lambda h: ([h, h],)), lambda: data(6, 4),
        "Attention is called with a mask",
    ),
    "LoRA": (lambda: with_lora(L.Dense(4), L.Dense(1)), lambda: data(5), "LoRA"),
    "LoRA of a table": (
        lambda: with_lora(L.Embedding(10, 4), L.Flatten(), L.Dense(1), **WORDS), tokens, "LoRA",
    ),
    "LoRA of a convolution": (
        lambda: with_lora(L.Conv1D(4, 3), L.Flatten(), L.Dense(1), **STEPS),
        lambda: data(6, 2), "LoRA",
    ),
    "a quantized table": (
        lambda: quantized(L.Embedding(10, 4), L.Flatten(), L.Dense(1), **WORDS), tokens,
        "Embedding is quantized",
    ),
    "a kernel that is computed": (
        lambda: net(Property(4), L.Dense(1)), lambda: data(5), "in a property of its own",
    ),
    "batch norm step by step": (
        lambda: net(L.TimeDistributed(L.BatchNormalization()), L.Flatten(), L.Dense(1), **STEPS),
        lambda: data(6, 2), "each step by itself",
    ),
    "augmentation that changes sizes": (
        lambda: net(L.RandomCrop(3, 3), L.Flatten(), L.Dense(1), shape=(4, 4, 1)),
        lambda: data(4, 4, 1), "RandomCrop turns",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name):
    make, draw, text = REFUSED[name]
    model, (x, y) = make(), draw()
    with pytest.raises(defib.ExportError, match=text) as error:
        defib.check(model, x, y, loss="mse")
    assert not isinstance(error.value, defib.UnfaithfulExport)


class Transposed(L.Layer):
    """Shares the kernel of another layer, as tied embeddings do."""

    def __init__(self, other):
        super().__init__()
        self.other = other

    def call(self, x):
        return ops.matmul(x, ops.transpose(self.other.kernel))


class Positive(L.Layer):
    """Computes with its weights before they meet the input."""

    def build(self, shape):
        self.raw = self.add_weight(shape=(shape[-1], 3), name="raw")
        self.gain = self.add_weight(shape=(3,), initializer="ones", name="gain")
        self.unused = self.add_weight(shape=(2,), name="unused", trainable=False)

    def call(self, x):
        kernel = ops.softplus(self.raw) * ops.square(self.gain)
        half = -(self.gain[:1] ** 2) + 2 * self.gain - self.gain / 3
        ops.sum(self.unused)
        return ops.matmul(x, kernel) + half


class OwnDropout(L.Layer):
    def __init__(self):
        super().__init__()
        self.seed = keras.random.SeedGenerator(1)

    def call(self, x, training=None):
        return keras.random.dropout(x, 0.5, seed=self.seed) if training else x


def tied():
    dense, inputs = L.Dense(4), keras.Input((5,))
    return keras.Model(inputs, L.Dense(1)(Transposed(dense)(dense(inputs))))


def attention():
    inputs = keras.Input((6, 4))
    mixed = L.Attention(use_scale=True, dropout=0.5)([inputs, inputs])
    return keras.Model(inputs, L.Dense(1)(L.Flatten()(mixed)))


def augmented():
    return net(
        L.RandomFlip(), L.RandomRotation(0.3), L.RandomContrast(0.5), L.Flatten(), L.Dense(1),
        shape=(4, 4, 1),
    )  # fmt: skip


HONOURED = {
    "tied weights": (tied, (5,)),
    "computed weights": (lambda: net(L.Dense(4), Positive(), L.Dense(1)), (5,)),
    "dropout of one's own": (lambda: net(L.Dense(4), OwnDropout(), L.Dense(1)), (5,)),
    "attention with dropout": (attention, (6, 4)),
    "augmentation": (augmented, (4, 4, 1)),
    "recurrent dropout": (
        lambda: net(L.LSTM(3, dropout=0.4, recurrent_dropout=0.5), L.Dense(1), **STEPS), (6, 2),
    ),
    "float64": (lambda: net(L.Dense(8, "relu", dtype="float64"), L.Dense(1)), (5,)),
}  # fmt: skip


@pytest.mark.parametrize("name", HONOURED)
def test_honoured(name):
    """Gradients too: they are those of a tape on the same model, with nothing drawn."""
    import tensorflow as tf

    from defib.exporters.keras.names import variable_names

    make, shape = HONOURED[name]
    model, (x, y) = make(), data(*shape)
    before = [np.array(v) for v in model.variables]
    replay = defib.replay(model, x, y, loss="mse", batch_size=ROWS)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    with tf.GradientTape() as tape:
        loss = keras.losses.MeanSquaredError()(y, model(x, training=False))
    slopes = tape.gradient(loss, [v.value for v in model.trainable_weights])
    assert replay.loss == pytest.approx(float(loss), rel=1e-4)
    slopes = [np.array(slope) for slope in slopes]
    names, size = variable_names(model), np.sqrt(sum(np.sum(slope**2) for slope in slopes))
    for variable, slope in zip(model.trainable_weights, slopes, strict=True):
        found = replay.gradients[names[id(variable)]]
        assert np.linalg.norm(found - slope) < 1e-4 * size


def test_a_left_out_penalty_is_told():
    model, (x, y) = net(L.Dense(1, kernel_regularizer=Sevenfold(0.1))), data(5)
    with pytest.warns(defib.DefibWarning, match="Sevenfold is left out"):
        defib.replay(model, x, y, loss="mse", verify=False)
    model = net(L.Dense(1, kernel_constraint="non_neg", name="held"))
    with pytest.warns(defib.DefibWarning, match="constraints are left out.*held/kernel"):
        defib.replay(model, x, y, loss="mse")


class Counts(L.Layer):
    def build(self, _):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, dtype="int32")

    def call(self, x):
        self.calls.assign(self.calls + 1)
        return keras.random.normal(ops.shape(x), seed=keras.random.SeedGenerator(1)) + x


def test_a_refusal_leaves_the_model_as_it_was():
    model, (x, y) = net(L.Dense(4), Counts(), OwnDropout(), L.Dense(1)), data(5)
    model(x)
    before = [np.array(v) for v in model.variables]
    with pytest.raises(defib.ExportError):
        defib.check(model, x, y, loss="mse")
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
