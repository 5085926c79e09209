"""The Keras exporter against Keras itself, by way of ONNX's own reference implementation."""

import json

import numpy as np
import pytest

keras = pytest.importorskip("keras")
pytest.importorskip("onnx")

import keras_models as models  # noqa: E402
import onnx_reference  # noqa: E402
import reference  # noqa: E402
from keras import layers as L  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402


def document(model, x, y=None, **settings):
    return build(model, x, y, Settings(**settings))


def computed(run):
    return onnx_reference.forward(json.loads(run.to_json()), run.arrays)


@pytest.mark.parametrize("name", models.CASES)
def test_forward_is_that_of_keras(name):
    model, inputs = models.make(name)
    x = models.given(model, inputs)
    run = document(model, x, mode="eval")
    found = list(computed(run).values())
    expected = keras.tree.flatten(model(x, training=False))
    assert len(found) == len(expected)
    for array, tensor in zip(found, expected, strict=True):
        wanted = keras.ops.convert_to_numpy(tensor)
        assert array.shape == wanted.shape
        np.testing.assert_allclose(array, wanted, rtol=2e-5, atol=2e-6)


def test_batch_statistics_in_training():
    model, (x,) = models.make("residual")
    run = document(model, x)
    (found,) = computed(run).values()
    expected = keras.ops.convert_to_numpy(model(x, training=True))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    model.get_layer("norm0").trainable = False
    modes = {
        node["name"]: node["attributes"]["training_mode"]
        for node in document(model, x).nodes
        if node["op"] == "BatchNormalization"
    }
    assert modes == {"norm0": 0, "norm1": 1}


@pytest.mark.parametrize("name", ["custom", "subclassed", "nested", "recurrent"])
def test_disk_and_memory_hold_the_same_twice(name, tmp_path):
    model, inputs = models.make(name)
    memory = document(model, inputs[0])
    run = defib.export(tmp_path / "run", model, inputs[0])
    assert (run.path / "run.json").read_text() == memory.to_json()
    for path, array in reference.load(run.path)[1].items():
        np.testing.assert_array_equal(array, memory.arrays[path])


def test_model_stays_as_it_was():
    model, (x,) = models.make("subclassed")
    model.compile("adam", "mse")
    before, expected = model.get_weights(), keras.ops.convert_to_numpy(model(x))
    nodes = [len(layer._inbound_nodes) for layer in model._flatten_layers()]
    document(model, x)
    assert nodes == [len(layer._inbound_nodes) for layer in model._flatten_layers()]
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(model(x)), expected)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_names_and_units_are_the_users():
    model, (x,) = models.make("residual")
    run = document(model, x)
    assert run.inputs == ["picture"]
    layers = list(dict.fromkeys(node["layer"] for node in run.nodes))
    assert layers[:5] == ["stem", "norm0", "re_lu", "conv0", "add0"]
    kernel = next(e for e in run.parameters if e["name"] == "conv0/kernel")
    assert run.arrays[kernel["file"]].shape == tuple(model.get_layer("conv0").kernel.shape)
    stem = next(node for node in run.nodes if node["name"] == "stem")
    values = onnx_reference.forward(json.loads(run.to_json()), run.arrays, ["stem"])["stem"]
    own = keras.Model(model.input, model.get_layer("stem").output)(x)
    assert stem["op"] == "Conv"
    for unit in range(4):  # axis 1 of the node is the user's last axis
        wanted = keras.ops.convert_to_numpy(own)[..., unit]
        np.testing.assert_allclose(values[:, unit], wanted, rtol=1e-4, atol=1e-5)


def test_names_of_nested_models_and_shared_layers():
    model, (x,) = models.make("nested")
    run = document(model, x)
    assert [entry["name"] for entry in run.parameters] == [
        "inner/fc/kernel", "inner/fc/bias", "block/fc/kernel", "block/fc/bias", "fc/kernel",
        "fc/bias",
    ]  # fmt: skip
    gemms = [node["layer"] for node in run.nodes if node["op"] == "Gemm"]
    assert gemms == ["inner/fc", "block/fc", "block/fc", "fc"]
    model, (x,) = models.make("custom")
    names = {entry["name"] for entry in document(model, x).parameters}
    assert {"positions/token/embeddings", "positions/place/embeddings", "scaled/gain"} <= names
    assert "scaled/inner/kernel" in names


def test_frozen_layers_are_marked():
    model, (x,) = models.make("dense")
    model.layers[0].trainable = False
    frozen = [e["name"] for e in document(model, x).parameters if e.get("trainable") is False]
    assert frozen == ["dense/kernel", "dense/bias"]


def test_everything_that_is_not_known_is_listed_at_once():
    x = keras.Input((6, 4))
    h = L.LSTM(3, name="memory", activation="gelu", return_sequences=True)(x)
    h = L.SpectralNormalization(L.Dense(3), name="mask")(h)
    h = L.Dense(3, activity_regularizer="l2", name="busy")(h)
    h = keras.ops.fft((h, h))[0] + keras.ops.median(h, axis=1, keepdims=True)
    model = keras.Model(x, h)
    with pytest.raises(defib.ExportError) as error:
        document(model, np.ones((2, 6, 4), "float32"))
    text = str(error.value)
    for part in (
        "mask: SpectralNormalization",
        "memory: LSTM has the activation gelu",
        "FFT",
        "Median",
    ):
        assert part in text
    assert "busy: Dense has an activity_regularizer; set it to None" in text
    assert "Known layers: Activation, Add" in text


def test_mistakes_are_named():
    model, (x,) = models.make("dense")
    with pytest.raises(defib.ExportError, match="x has 3 columns, the model takes 4"):
        document(model, x[:, :3])
    with pytest.raises(defib.ExportError, match="has no weights yet; call it once"):
        document(keras.Sequential([L.Dense(2)]), x)
    embedded = keras.Sequential([keras.Input((3,)), L.Embedding(5, 2, mask_zero=True)])
    with pytest.raises(defib.ExportError, match=r"carries a mask on, by which the loss leaves"):
        document(embedded, np.ones((2, 3), "int32"))

    class Branch(L.Layer):
        def compute_output_shape(self, shape):
            return shape

        def call(self, inputs):
            return inputs if float(keras.ops.sum(inputs)) > 0 else -inputs

    model = keras.Sequential([keras.Input((4,)), L.Dense(2), Branch(name="branch")])
    with pytest.raises(defib.ExportError, match="branch: Branch cannot be traced"):
        document(model, x)


def test_a_column_may_be_flat():
    model = keras.Sequential([keras.Input((1,)), L.Dense(2)])
    x = np.arange(5, dtype="float32")
    (found,) = computed(document(model, x)).values()
    np.testing.assert_allclose(found, keras.ops.convert_to_numpy(model(x[:, None])), rtol=1e-5)


def test_half_precision_is_noted():
    x = np.ones((3, 4), "float32")
    model = keras.Sequential([keras.Input((4,)), L.Dense(2, dtype="mixed_float16")])
    assert "precision" not in document(model, x).training
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = keras.Sequential([keras.Input((4,)), L.Dense(2, name="d")])
    finally:
        keras.config.set_dtype_policy("float32")
    run = document(model, x)
    assert run.training["precision"] == "bfloat16"
    assert run.arrays["weights/d_kernel.npy"].dtype == np.float32


def test_augmentation_is_passed_through():
    model = keras.Sequential([keras.Input((4, 4, 1)), L.RandomFlip(), L.Flatten(), L.Dense(1)])
    assert [node["op"] for node in document(model, np.ones((2, 4, 4, 1))).nodes] == [
        "Flatten", "Gemm",
    ]  # fmt: skip
