"""Findings name the layers and the units as the user's own framework does."""

from __future__ import annotations

import numpy as np
import pytest

import defib

RNG = np.random.default_rng(4)
X = RNG.normal(size=(40, 3)).astype(np.float32)
Y = RNG.normal(size=(40, 1)).astype(np.float32)
DEAD = [1, 4]


def weights():
    """Six hidden units of three features; two of them have a bias that no sample lifts."""
    hidden = RNG.normal(size=(3, 6)).astype(np.float32)
    bias = np.full(6, 3, np.float32)
    bias[DEAD] = -30
    return hidden, bias, RNG.normal(size=(6, 1)).astype(np.float32), np.zeros(1, np.float32)


def expect_dead(report, layer, units=DEAD):
    (finding,) = [f for f in report.findings if f.rule == "dead-units"]
    assert finding.place.name == layer
    assert list(finding.place.units) == units


def test_numpy():
    w1, b1, w2, b2 = weights()
    model = defib.Sequential(
        defib.Dense(w1, b1, name="hidden"), defib.ReLU(name="bend"), defib.Dense(w2, b2)
    )
    expect_dead(defib.check(model, X, Y, loss="mse"), "bend")


def test_torch():
    torch = pytest.importorskip("torch")
    w1, b1, w2, b2 = weights()

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.trunk = torch.nn.Sequential(torch.nn.Linear(3, 6), torch.nn.ReLU())
            self.head = torch.nn.Linear(6, 1)

        def forward(self, x):
            return self.head(self.trunk(x))

    model = Net()
    with torch.no_grad():
        model.trunk[0].weight.copy_(torch.from_numpy(w1.T))
        model.trunk[0].bias.copy_(torch.from_numpy(b1))
        model.head.weight.copy_(torch.from_numpy(w2.T))
        model.head.bias.copy_(torch.from_numpy(b2))
    expect_dead(defib.check(model, X, Y, loss=torch.nn.MSELoss()), "trunk.1")


def test_torch_channels():
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(
        torch.nn.Conv2d(2, 5, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(20, 1)
    )
    with torch.no_grad():
        model[0].bias[3] = -100
    images = RNG.normal(size=(40, 2, 4, 4)).astype(np.float32)
    report = defib.check(model, images, Y, loss="mse")
    finding = next(f for f in report.findings if f.rule == "dead-units")
    assert (finding.place.name, 3 in finding.place.units) == ("1", True)


def test_keras():
    keras = pytest.importorskip("keras")
    w1, b1, w2, b2 = weights()
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(6, activation="relu", name="trunk"),
            keras.layers.Dense(1, name="price"),
        ]
    )
    model.set_weights([w1, b1, w2, b2])
    model.compile(loss="mse")
    expect_dead(defib.check(model, X, Y), "trunk")


def test_keras_channels_last():
    keras = pytest.importorskip("keras")
    model = keras.Sequential(
        [
            keras.Input((4, 4, 2)),
            keras.layers.Conv2D(5, 3, activation="relu", name="edges"),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    kernel, bias = model.get_layer("edges").get_weights()
    bias[:] = 5
    bias[3] = -100
    model.get_layer("edges").set_weights([kernel, bias])
    images = RNG.normal(size=(40, 4, 4, 2)).astype(np.float32)
    expect_dead(defib.check(model, images, Y, loss="mse"), "edges", [3])


def test_scikit_learn():
    neural = pytest.importorskip("sklearn.neural_network")
    model = neural.MLPRegressor(hidden_layer_sizes=(6,), max_iter=1, random_state=0)
    with pytest.warns(UserWarning, match="iterations"):
        model.fit(X, Y.ravel())
    model.intercepts_[0][:] = 3
    model.intercepts_[0][DEAD] = -30
    report = defib.check(model, X, Y.ravel())
    finding = next(f for f in report.findings if f.rule == "dead-units")
    assert list(finding.place.units) == DEAD
    assert "hidden" in finding.place.name


def test_onnx():
    onnx = pytest.importorskip("onnx")
    w1, b1, w2, b2 = weights()
    make = onnx.helper
    arrays = {"w1": w1, "b1": b1, "w2": w2, "b2": b2}
    graph = make.make_graph(
        [
            make.make_node("Gemm", ["x", "w1", "b1"], ["h"], name="trunk"),
            make.make_node("Relu", ["h"], ["r"], name="bend"),
            make.make_node("Gemm", ["r", "w2", "b2"], ["y"], name="price"),
        ],
        "net",
        [make.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 3])],
        [make.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 1])],
        [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 21)])
    expect_dead(defib.check(model, X, Y, loss="mse"), "bend")
