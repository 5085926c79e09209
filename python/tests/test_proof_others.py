"""Exports of scikit-learn and ONNX are compared with their own answers."""

import numpy as np
import pytest

import defib
from defib.exporters import proof

random = np.random.default_rng(0)
X = random.standard_normal((60, 5)).astype("float32")
Y = X @ random.standard_normal(5).astype("float32") + 0.1


def test_a_wrong_estimator_is_found(monkeypatch):
    pytest.importorskip("sklearn")
    from sklearn.neural_network import MLPRegressor

    from defib.exporters.sklearn.layers import mlp

    model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=20, activation="tanh").fit(X, Y)
    defib.check(model, X, Y)
    monkeypatch.setitem(mlp._ACTIVATIONS, "tanh", "Sigmoid")
    with pytest.raises(defib.UnfaithfulExport, match="scikit-learn has"):
        defib.check(model, X, Y)
    defib.check(model, X, Y, verify=False)


def test_a_wrong_loss_of_an_estimator_is_found(monkeypatch):
    pytest.importorskip("sklearn")
    from sklearn.neural_network import MLPRegressor

    from defib.exporters.sklearn import loss

    model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=20).fit(X, Y)
    held = loss.of_perceptron
    monkeypatch.setattr(
        loss, "of_perceptron", lambda *given: ({"kind": "mse", "weight": 3.0}, *held(*given)[1:])
    )
    with pytest.raises(defib.UnfaithfulExport, match="the loss"):
        defib.check(model, X, Y)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (1e6, 1e8), (1e-6, 0.0)])
def test_a_perfect_fit_is_no_false_alarm(scale, shift):
    """Its loss is all rounding, in float32 a million times that of float64."""
    pytest.importorskip("sklearn")
    from sklearn.linear_model import LinearRegression

    x = X.astype("float64") * scale + shift
    model = LinearRegression().fit(x, X.astype("float64") @ np.arange(1.0, 6.0))
    assert defib.replay(model, x, Y).loss is not None
    defib.replay(model, x, model.predict(x))


def test_a_wrong_onnx_model_is_found():
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper

    from defib.exporters.onnx.proof import prove

    weights = numpy_helper.from_array(np.ones((5, 2), "float32"), "w")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Tanh", ["h"], ["y"])],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 5])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    defib.replay(model, X)
    from defib.exporters import Settings, build

    document = build(model, X, None, Settings())
    prove(document, model)
    document.nodes[1]["op"] = "Sigmoid"
    with pytest.raises(defib.UnfaithfulExport, match=r"onnx\.reference has"):
        prove(document, model)
    assert onnx


def test_differences_are_told_by_the_size_of_the_whole():
    ones = np.ones(4, "float32")
    truth = proof.Truth({"out": ones}, 1.0, {"a": ones, "b": 1e-6 * ones})
    near = proof.Truth({"out": ones * 1.00001}, 1.00001, {"a": ones, "b": 2e-6 * ones})
    far = proof.Truth({"out": ones}, 1.0, {"a": ones * 1.01, "b": 1e-6 * ones})
    assert proof.differences(near, truth) == []
    assert [d.name for d in proof.differences(far, truth)] == ["a"]
    # A framework that is itself 1 % off in float32 allows as much.
    exact = proof.Truth({"out": ones}, 1.0, {"a": ones * 1.005, "b": ones * 0})
    assert proof.differences(far, truth, exact) == []
    broken = proof.Truth({"out": ones * np.nan}, 1.0, {"a": ones, "b": ones * 0})
    assert [d.what for d in proof.differences(broken, truth)] == ["output"]
    assert proof.differences(broken, broken) == []


def test_a_loss_near_zero_is_held_to_the_rounding_of_its_parts():
    near, wanted = proof.Truth({}, 3.3e-8), proof.Truth({}, 3e-8)
    assert proof.differences(near, wanted) == []
    assert [d.what for d in proof.differences(proof.Truth({}, 3e-5), wanted)] == ["the loss"]


def test_gradients_of_a_loss_near_zero_are_held_to_the_rounding_of_predictions():
    def truth(slope, loss=3e-8):
        return proof.Truth({}, loss, {"bias": np.full(4, slope, np.float32)})

    assert proof.differences(truth(3.1e-8), truth(2.9e-8)) == []
    assert [d.name for d in proof.differences(truth(3e-4), truth(2.9e-4))] == ["bias"]
    assert [d.name for d in proof.differences(truth(3.1e-8, 1.0), truth(2.9e-8, 1.0))] == ["bias"]


def test_large_features_of_an_estimator_are_no_difference():
    rng = np.random.default_rng(1)
    z = rng.standard_normal((200, 5))
    x = z * [8000, 1, 30, 0.01, 5] + [50000, 3, 1995, 0.5, 40]
    y = np.sin(z[:, 0]) + z[:, 1] * z[:, 3]
    network = pytest.importorskip("sklearn.neural_network")
    model = network.MLPRegressor(hidden_layer_sizes=(32, 16), max_iter=30, random_state=0).fit(x, y)
    assert defib.check(model, x, y).causes[0].rule == "unscaled-features"
