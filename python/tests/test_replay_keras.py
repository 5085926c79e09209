"""The engine's outputs, losses and gradients against Keras' own. Needs the library."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

import keras_models as models  # noqa: E402
from keras import layers as L  # noqa: E402

import defib  # noqa: E402
from defib.exporters.keras.names import variable_names  # noqa: E402

pytestmark = pytest.mark.engine

LIMIT = 1e-4


def near(found, expected, what, scale=0.0):
    assert found.shape == expected.shape, what
    # What cancels, as a bias in front of a batch normalisation, leaves nothing but roundings.
    distance = np.linalg.norm((found - expected).astype(float).ravel())
    size = max(np.linalg.norm(expected.astype(float).ravel()), 1e-2 * scale, 1e-12)
    assert distance / size < LIMIT, f"{what}: {distance / size:.2e}"


def slopes(model, x, loss_of, training):
    """Return outputs, loss, and the gradient of each trainable variable by its exported name."""
    variables = model.trainable_variables
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            result = model(x, training=training)
            loss = loss_of(result)
        gradients = tape.gradient(loss, [v.value for v in variables])
        gradients = [tf.convert_to_tensor(g) if g is not None else None for g in gradients]
    else:
        model.zero_grad()
        result = model(x, training=training)
        loss = loss_of(result)
        loss.backward()
        gradients = [v.value.grad for v in variables]
    names = variable_names(model)
    numbers = keras.ops.convert_to_numpy
    held = {
        names[id(v)]: numbers(g) for v, g in zip(variables, gradients, strict=True) if g is not None
    }
    return [numbers(t) for t in keras.tree.flatten(result)], float(numbers(loss)), held


def compare(replay, expected):
    outputs, loss, gradients = expected
    for found, wanted in zip(replay.outputs.values(), outputs, strict=True):
        near(found, wanted, "output")
    assert replay.loss == pytest.approx(loss, rel=LIMIT)
    scale = max(np.linalg.norm(g) for g in gradients.values())
    assert set(gradients) <= set(replay.gradients)
    for name, gradient in gradients.items():
        near(replay.gradients[name], gradient, name, scale)


@pytest.mark.parametrize("name", models.CASES)
@pytest.mark.parametrize("mode", ["eval", "train"])
def test_models(name, mode):
    """Every layer, gradients in the user's layout and names included."""
    model, inputs = models.make(name)
    if mode == "train":
        for layer in model._flatten_layers():
            if "Dropout" in type(layer).__name__ or "Noise" in type(layer).__name__:
                layer.rate = layer.stddev = 0.0  # a replay draws no noise
    x = models.given(model, inputs)
    rng = np.random.default_rng(1)
    sample = keras.tree.flatten(model(x, training=False))
    targets = [rng.normal(size=tuple(t.shape)).astype("float32") for t in sample]
    mse = keras.losses.MeanSquaredError()

    def loss_of(result):
        pairs = zip(targets, keras.tree.flatten(result), strict=True)
        return sum(mse(y, p) for y, p in pairs)

    if not model.trainable_variables:
        return
    expected = slopes(model, x, loss_of, mode == "train")
    y = targets if len(targets) > 1 else targets[0]
    compare(defib.replay(model, x, y, loss="mse", mode=mode), expected)


LOSSES = {
    "binary_crossentropy": ("sigmoid", lambda rng, n: rng.integers(0, 2, (n, 3))),
    "categorical_crossentropy": ("softmax", lambda rng, n: np.eye(3)[rng.integers(0, 3, n)]),
    "sparse_categorical_crossentropy": ("softmax", lambda rng, n: rng.integers(0, 3, n)),
    "kl_divergence": ("softmax", lambda rng, n: rng.dirichlet(np.ones(3), n)),
    "poisson": ("exponential", lambda rng, n: rng.poisson(2.0, (n, 3))),
    "log_cosh": (None, lambda rng, n: rng.normal(size=(n, 3))),
    "hinge": (None, lambda rng, n: rng.integers(0, 2, (n, 3))),
    "huber": (None, lambda rng, n: 3 * rng.normal(size=(n, 3))),
    "mae": (None, lambda rng, n: rng.normal(size=(n, 3))),
}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum"])
@pytest.mark.parametrize("scale", [1.0, 40.0])
def test_losses(name, reduction, scale):
    """Saturated outputs too: what Keras clips, and where it does not, decides the gradient."""
    activation, draw = LOSSES[name]
    rng = np.random.default_rng(2)
    model = keras.Sequential([keras.Input((4,)), L.Dense(6, "tanh"), L.Dense(3, activation)])
    scale = 1.0 if activation == "exponential" else scale
    model.set_weights([scale * rng.normal(size=w.shape) for w in model.get_weights()])
    x, y = rng.normal(size=(40, 4)).astype("float32"), draw(rng, 40)
    y = y.astype("int64" if name.startswith("sparse") else "float32")
    wrapped = keras.losses.Huber.__mro__[1]  # what compile() makes of a function
    criterion = wrapped(keras.losses.get(name), reduction=reduction)
    expected = slopes(model, x, lambda p: criterion(y, p), False)
    compare(defib.replay(model, x, y, loss=criterion, mode="eval"), expected)


def test_whole_training_loss_with_penalties():
    rng = np.random.default_rng(3)
    model = keras.Sequential([
        keras.Input((4,)),
        L.Dense(5, "relu", kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02)),
        L.Dense(1, bias_regularizer="l2"),
    ])  # fmt: skip
    model.compile("adam", "mse")
    x, y = rng.normal(size=(33, 4)).astype("float32"), rng.normal(size=33).astype("float32")
    replay = defib.replay(model, x, y, mode="eval")
    assert replay.loss == pytest.approx(model.evaluate(x, y, batch_size=33, verbose=0), rel=LIMIT)
