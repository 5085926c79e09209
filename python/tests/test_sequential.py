"""Networks in plain NumPy."""

import json

import numpy as np
import pytest
import reference

import defib
from defib.exporters import Settings, build

rng = np.random.default_rng(0)


def outputs(model, x):
    run = build(model, x, None, Settings())
    return reference.outputs(json.loads(run.to_json()), run.arrays)


def test_forward_is_that_of_numpy():
    w1, b1, w2 = rng.normal(size=(6, 4)), rng.normal(size=4).astype(">f4"), rng.normal(size=(4, 3))
    model = defib.Sequential(
        defib.Flatten(), defib.Dense(w1, b1), defib.LeakyReLU(0.2), defib.Dropout(0.1),
        defib.Dense(w2), defib.Tanh(), defib.Reshape(3, -1), defib.Softmax(axis=1),
    )  # fmt: skip
    x = rng.normal(size=(7, 2, 3))
    h = x.reshape(7, 6) @ w1 + b1
    h = np.tanh(np.where(h > 0, h, 0.2 * h) @ w2).reshape(7, 3, 1)
    expected = np.exp(h) / np.exp(h).sum(axis=1, keepdims=True)
    found = outputs(model, x)
    assert list(found) == ["softmax1"]
    np.testing.assert_allclose(found["softmax1"], expected, rtol=1e-12)


def test_sequences_go_through_dense():
    w, b = rng.normal(size=(3, 2)), rng.normal(size=(1, 2))
    x = rng.normal(size=(5, 4, 3))
    found = outputs(defib.Sequential(defib.Dense(w, b), defib.Dense(np.eye(2))), x)
    np.testing.assert_allclose(found["dense2"], x @ w + b)


def test_names():
    model = defib.Sequential(
        defib.Dense(np.eye(2)), defib.ReLU(), defib.Dense(np.eye(2), np.zeros(2)),
        defib.ReLU(name="last"), defib.LogSoftmax(),
    )  # fmt: skip
    run = build(model, np.ones((3, 2)), None, Settings())
    assert [n["layer"] for n in run.nodes] == ["dense1", "relu1", "dense2", "last", "logsoftmax1"]
    names = ["dense1.weight", "dense2.weight", "dense2.bias"]
    assert [entry["name"] for entry in run.parameters] == names == list(model.arrays())
    assert repr(model) == "Sequential(dense1, relu1, dense2, last, logsoftmax1)"


def test_arrays_are_borrowed_and_initial_is_taken():
    w = rng.normal(size=(2, 1))
    model = defib.Sequential(defib.Dense(w))
    before = defib.Sequential(defib.Dense(w + 1))
    for initial in (before, [w + 1], {"dense1.weight": w + 1}):
        run = build(model, np.ones((3, 2)), None, Settings(initial=initial))
        assert run.arrays["weights/dense1.weight.npy"] is w
        np.testing.assert_array_equal(run.arrays["initial/dense1.weight.npy"], w + 1)
    with pytest.warns(defib.DefibWarning, match="shares its memory"):
        build(model, np.ones((3, 2)), None, Settings(initial=[w]))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "at least one layer"),
        ([np.ones(2)], "layer 0 is ndarray"),
        ([defib.ReLU(name="a"), defib.Tanh(name="a")], "two layers are named 'a'"),
        (
            [defib.Dense(np.ones((2, 3))), defib.ReLU(), defib.Dense(np.ones((4, 1)))],
            r"dense2: weight has shape \(4, 1\) and so takes 4 features; .* shape \(3,\)",
        ),
        ([defib.Reshape(3)], r"reshape1: samples of shape \(2,\) do not fit into \(3,\)"),
        ([defib.Reshape(-1, -1)], "do not fit"),
        ([defib.Softmax(axis=2)], "softmax1: axis is 2; its input has 2 axes"),
    ],
)
def test_what_does_not_fit_is_named(layers, message):
    with pytest.raises(defib.ExportError, match=message):
        build(defib.Sequential(*layers), np.ones((3, 2)), None, Settings())


def test_layers_check_themselves():
    with pytest.raises(defib.ExportError, match=r"bias has shape \(2,\); expected \(3,\)"):
        defib.Dense(np.ones((2, 3)), np.ones(2))
    with pytest.raises(defib.ExportError, match=r"weight has shape \(3,\)"):
        defib.Dense(np.ones(3))
    with pytest.raises(defib.ExportError, match="p is 1"):
        defib.Dropout(1)
    with pytest.raises(defib.ExportError, match=r"x.reshape\(-1, 1\)"):
        build(defib.Sequential(defib.Dense(np.ones((1, 1)))), np.ones(3), None, Settings())
