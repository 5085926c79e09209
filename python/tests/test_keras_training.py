"""What a compiled Keras model says about its training, against Keras' own losses."""

import json

import numpy as np
import pytest

keras = pytest.importorskip("keras")
pytest.importorskip("onnx")

import onnx_reference  # noqa: E402
import reference_losses  # noqa: E402
from keras import layers as L  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402

rng = np.random.default_rng(0)
K = keras.losses


def export(model, x, y, **settings):
    return build(model, x, y, Settings(**settings))


def head(width, activation=None, scale=1.0, steps=()):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((*steps, 4)), L.Dense(6, activation="tanh"), L.Dense(width, activation)]
    )
    weights = model.get_weights()
    model.set_weights([*weights[:2], weights[2] * scale, weights[3]])
    return model


def replayed(run):
    """Return the loss of a run with its penalties."""
    document = json.loads(run.to_json())
    wanted = dict.fromkeys(entry["prediction"] for entry in document["losses"])
    values = onnx_reference.forward(document, run.arrays, wanted)
    arrays = run.arrays
    return reference_losses.loss(document, arrays, values) + reference_losses.penalty(
        document, arrays
    )


def agree(model, x, y, **settings):
    run = export(model, x, y, mode="eval", **settings)
    expected = model.evaluate(x, y, batch_size=len(x), verbose=0, return_dict=True)["loss"]
    assert replayed(run) == pytest.approx(expected, rel=2e-5)
    return run


def floats(*shape):
    return rng.normal(size=shape).astype("float32")


def onehot(n, k, *steps):
    return np.eye(k, dtype="float32")[rng.integers(0, k, (n, *steps))]


X = floats(12, 4)
CLASSES, BINARY = rng.integers(0, 3, 12), rng.integers(0, 2, (12, 1))

LOSSES = {
    "mse": ("mse", head(3), floats(12, 3)),
    "mse object": (K.MeanSquaredError(), head(3), floats(12, 3)),
    "mse of a column": ("mse", head(1), floats(12)),
    "mse sum": (K.MeanSquaredError(reduction="sum"), head(3), floats(12, 3)),
    "mae": ("mae", head(3), floats(12, 3)),
    "mae steps": ("mae", head(1, steps=(5,)), floats(12, 5)),
    "huber": (K.Huber(delta=0.3), head(3), floats(12, 3)),
    "log cosh": ("log_cosh", head(2), 3 * floats(12, 2)),
    "bce": ("binary_crossentropy", head(1, "sigmoid"), BINARY),
    "bce flat": ("binary_crossentropy", head(1, "sigmoid"), BINARY[:, 0]),
    "bce saturated": ("binary_crossentropy", head(1, "sigmoid", 80), BINARY),
    "bce of hard sigmoid": ("binary_crossentropy", head(2, "hard_sigmoid", 9), BINARY.repeat(2, 1)),
    "bce logits": (K.BinaryCrossentropy(from_logits=True), head(1), BINARY),
    "bce smooth": (K.BinaryCrossentropy(label_smoothing=0.2), head(2, "sigmoid"), onehot(12, 2)),
    "bce sum": (K.BinaryCrossentropy(reduction="sum"), head(2, "sigmoid"), onehot(12, 2)),
    "cce": ("categorical_crossentropy", head(3, "softmax"), onehot(12, 3)),
    "cce saturated": ("categorical_crossentropy", head(3, "softmax", 80), onehot(12, 3)),
    "cce of no softmax": ("categorical_crossentropy", head(3, "softplus"), onehot(12, 3)),
    "cce smooth": (
        K.CategoricalCrossentropy(label_smoothing=0.1), head(3, "softmax"), onehot(12, 3),
    ),
    "cce logits": (
        K.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), head(3), onehot(12, 3),
    ),
    "scce": ("sparse_categorical_crossentropy", head(3, "softmax"), CLASSES),
    "scce column": ("sparse_categorical_crossentropy", head(3, "softmax"), CLASSES[:, None]),
    "scce logits": (K.SparseCategoricalCrossentropy(from_logits=True), head(3), CLASSES),
    "scce of softplus": ("sparse_categorical_crossentropy", head(3, "exponential"), CLASSES),
    "scce forgot from_logits": ("sparse_categorical_crossentropy", head(3, None, 3), CLASSES),
    "scce ignoring": (
        K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1), head(3), CLASSES,
    ),
    "scce steps": (
        "sparse_categorical_crossentropy", head(3, "softmax", steps=(5,)),
        rng.integers(0, 3, (12, 5)),
    ),
    "cce steps": (
        "categorical_crossentropy", head(3, "softmax", steps=(5,)), onehot(12, 3, 5),
    ),
    "crossentropy": ("crossentropy", head(3, "softmax"), CLASSES),
    "kl": ("kl_divergence", head(3, "softmax"), rng.dirichlet(np.ones(3), 12).astype("float32")),
    "poisson": ("poisson", head(2, "exponential"), rng.poisson(2.0, (12, 2)).astype("float32")),
    "hinge": ("hinge", head(1), BINARY),
    "squared hinge": ("squared_hinge", head(2), 2.0 * onehot(12, 2) - 1),
    "hinge of signs": (K.Hinge(), head(1), 2.0 * BINARY - 1),
    "function": (K.mean_squared_error, head(3), floats(12, 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_loss_is_that_of_keras(name):
    loss, model, y = LOSSES[name]
    x = X if len(model.input_shape) == 2 else floats(12, 5, 4)
    model.compile("sgd", loss)
    agree(model, x, y)
    model.compile("sgd", "mse" if y.shape == (12, model.output_shape[-1]) else None)
    explicit = export(model, x, y, loss=loss, mode="eval")
    model.compile("sgd", loss)
    assert explicit.losses == export(model, x, y, mode="eval").losses


def two():
    x = keras.Input((4,))
    h = L.Dense(5, activation="tanh")(x)
    return keras.Model(x, [L.Dense(1, name="age")(h), L.Dense(3, "softmax", name="kind")(h)])


@pytest.mark.parametrize(
    ("loss", "weights"),
    [
        (["mse", "sparse_categorical_crossentropy"], None),
        (["mse", "sparse_categorical_crossentropy"], [2.0, 0.5]),
        ({"age": "mae", "kind": K.SparseCategoricalCrossentropy()}, {"age": 0.1, "kind": 3.0}),
    ],
)
@pytest.mark.parametrize("as_dict", [False, True])
def test_several_outputs(loss, weights, as_dict):
    model, age = two(), floats(12)
    model.compile("adam", loss, loss_weights=weights)
    y = {"kind": CLASSES, "age": age} if as_dict else [age, CLASSES]
    if as_dict and isinstance(loss, list):
        return
    run = agree(model, X, y)
    assert len(run.losses) == 2


def test_output_without_a_loss():
    model = two()
    model.compile("adam", [None, "sparse_categorical_crossentropy"])
    run = export(model, X, CLASSES)
    assert [entry["kind"] for entry in run.losses] in (
        ["cross-entropy"], ["categorical-cross-entropy"],
    )  # fmt: skip
    assert export(model, X, [floats(12), CLASSES]).losses[0]["target"] == "y2"


def test_penalties_are_those_of_keras():
    model = keras.Sequential([
        keras.Input((4,)),
        L.Dense(5, kernel_regularizer=keras.regularizers.L1L2(0.01, 0.1), name="a"),
        L.Dense(4, kernel_regularizer="l2", bias_regularizer=keras.regularizers.L1(0.3), name="b"),
        L.Dense(1, kernel_regularizer="l2", name="frozen", trainable=False),
    ])  # fmt: skip
    model.set_weights([floats(*w.shape) for w in model.get_weights()])
    model.compile("sgd", "mse")
    run = agree(model, X, floats(12, 1))
    assert [entry["parameter"] for entry in run.training["regularization"]] == [
        "a/kernel", "b/kernel", "b/bias",
    ]  # fmt: skip
    frozen = {e["name"] for e in run.parameters if e.get("trainable") is False}
    assert frozen == {"frozen/kernel", "frozen/bias"}


def optimizer(given):
    model = head(1)
    model.compile(given, "mse")
    return export(model, X, floats(12, 1)).training.get("optimizer")


def test_optimizers():
    kinds = keras.optimizers
    assert optimizer(kinds.SGD(0.1, momentum=0.9, nesterov=True)) == {
        "kind": "sgd", "learning_rate": pytest.approx(0.1), "momentum": 0.9, "nesterov": True,
    }  # fmt: skip
    assert optimizer("adam") == {
        "kind": "adam", "learning_rate": pytest.approx(1e-3), "betas": [0.9, 0.999], "eps": 1e-7,
        "amsgrad": False, "epsilon_hat": True,
    }  # fmt: skip
    assert optimizer("adamw")["weight_decay"] == 0.004
    assert optimizer(kinds.Adam(weight_decay=0.1))["kind"] == "adamw"
    decayed = optimizer(kinds.SGD(0.1, momentum=0.9, weight_decay=0.01))
    assert (decayed["weight_decay"], decayed["decoupled"]) == (0.01, True)
    spared = kinds.AdamW(weight_decay=0.1)
    spared.exclude_from_weight_decay(var_names=["bias"])
    (group,) = optimizer(spared)["groups"]
    assert group["weight_decay"] == 0.0
    assert [name.split("/")[-1] for name in group["parameters"]] == ["bias", "bias"]
    rms = optimizer(kinds.RMSprop(0.01, rho=0.8))
    assert rms["alpha"] == 0.8
    assert rms["epsilon_inside"] is True
    assert optimizer("adagrad")["initial_accumulator"] == 0.1


def test_what_an_optimizer_cannot_carry_is_a_warning():
    kinds = keras.optimizers
    with pytest.warns(defib.DefibWarning, match="use_ema is left out"):
        optimizer(kinds.Adam(use_ema=True))
    with pytest.warns(defib.DefibWarning, match="the run has no optimizer.*Nadam"):
        assert optimizer("nadam") is None
    with pytest.raises(defib.ExportError, match="Nadam is not known"):
        export(head(1), X, floats(12, 1), optimizer=kinds.Nadam())


def test_losses_that_are_not_known_are_listed_together():
    model = two()
    model.compile("sgd", [lambda _, p: float(p[0, 0]), lambda t, p: keras.ops.lstsq(p, t)])
    with pytest.raises(defib.ExportError) as error:
        export(model, X, [floats(12), CLASSES])
    text = str(error.value)
    assert "age: loss a lambda cannot be traced" in text
    assert "kind: loss a lambda" in text
    model = head(1)
    model.compile("sgd", K.MeanSquaredError(reduction="none"))
    with pytest.raises(defib.ExportError, match="reduction 'none'"):
        export(model, X, floats(12, 1))


def test_history_epochs_and_batches_of_the_training():
    model, y = head(1), floats(12, 1)
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(X, y, epochs=3, verbose=0, validation_data=(X, y))
    run = export(model, X, y, initial=before, validation=(X, y))
    assert {k: run.training[k] for k in ("batch_size", "epochs", "steps")} == {
        "batch_size": 32, "epochs": 3, "steps": 3,
    }  # fmt: skip
    assert set(run.history) == {"loss", "validation_loss"}
    kernel = next(e for e in run.parameters if e["name"].endswith("kernel"))
    np.testing.assert_array_equal(run.arrays[kernel["initial"]], before[0])
    assert export(model, X, y, batch_size=4, epochs=9).training["epochs"] == 9
    second = keras.models.clone_model(model)
    assert all("initial" in e for e in export(model, X, y, initial=second).parameters)
    with pytest.raises(defib.ExportError, match="initial has 1 arrays; the model has 4"):
        export(model, X, y, initial=before[:1])
