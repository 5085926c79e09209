"""The Keras exporter against Keras itself, by way of ONNX's own reference implementation."""

import json

import numpy as np
import pytest

keras = pytest.importorskip("keras")
pytest.importorskip("onnx")

import keras_models as models  # noqa: E402
import onnx_reference  # noqa: E402

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
