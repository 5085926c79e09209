"""ONNX graphs that compute with the size of the batch, or were exported with one."""

import numpy as np
import pytest

pytest.importorskip("onnx")

import onnx_models as made
from onnx_models import constant, model, node, random

import defib
from defib.exporters import Settings, build

pytestmark = pytest.mark.engine


def size_of_batch(source):
    return [
        node("Shape", source, "shape"), constant("zero", np.int64(0)),
        node("Gather", "shape zero", "n"), constant("at", np.array([0])),
        node("Unsqueeze", "n at", "batch"),
    ]  # fmt: skip


def agrees(proto, x, wanted=None):
    (found,) = defib.replay(proto, x, mode="eval").outputs.values()
    if wanted is None:
        (wanted,) = made.expected(proto, x=x).values()
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_shapes_computed_from_the_input():
    """x.view(x.size(0), -1) as torch.onnx.export writes it."""
    nodes = [
        *size_of_batch("x"), constant("rest", np.array([-1])),
        node("Concat", "batch rest", "target", axis=0), node("Reshape", "x target", "flat"),
        node("MatMul", "flat w", "y"),
    ]  # fmt: skip
    proto = model(nodes, {"x": ["N", 2, 3]}, ["y"], {"w": random(6, 4)})
    document = build(proto, random(5, 2, 3), None, Settings())
    assert [n["op"] for n in document.nodes] == ["Constant", "Reshape", "MatMul"]
    assert document.nodes[0]["attributes"] == {"value_ints": [0, -1]}
    for rows in (1, 5, 7, 11, 300):
        agrees(proto, random(rows, 2, 3))


def test_the_batch_joined_with_another_axis():
    nodes = [
        *size_of_batch("x"), constant("two", np.array([2])), constant("three", np.array([3])),
        node("Mul", "batch two", "rows"), node("Concat", "rows three", "t1", axis=0),
        node("Reshape", "x t1", "a"), node("MatMul", "a w", "b"),
        node("Concat", "batch two three", "t2", axis=0), node("Reshape", "b t2", "y"),
    ]  # fmt: skip
    proto = model(nodes, {"x": ["N", 2, 3]}, ["y"], {"w": random(3, 3)})
    agrees(proto, random(13, 2, 3))


def test_states_of_zeros_are_the_default():
    nodes = [
        *size_of_batch("x"), constant("one", np.array([1])), constant("h", np.array([4])),
        node("Concat", "one batch h", "size", axis=0), node("ConstantOfShape", "size", "h0"),
        node("Transpose", "x", "t", perm=[1, 0, 2]),
        node("LSTM", "t w r b - h0 h0", "all last", hidden_size=4),
        constant("first", np.array([0])), node("Squeeze", "last first", "y"),
    ]  # fmt: skip
    weights = {"w": random(1, 16, 3), "r": random(1, 16, 4), "b": random(1, 32)}
    proto = model(nodes, {"x": ["N", 5, 3]}, ["y"], weights)
    lstm = next(
        n for n in build(proto, random(6, 5, 3), None, Settings()).nodes if n["op"] == "LSTM"
    )
    assert lstm["inputs"] == ["t", "w", "r", "b"]
    agrees(proto, random(6, 5, 3))


def test_zeros_of_the_batch_broadcast():
    nodes = [
        *size_of_batch("x"), constant("three", np.array([3])),
        node("Concat", "batch three", "size", axis=0), node("ConstantOfShape", "size", "zeros"),
        node("Add", "x zeros", "y"),
    ]  # fmt: skip
    agrees(model(nodes, {"x": ["N", 3]}, ["y"]), random(6, 3))


def test_numbers_that_follow_the_batch_are_refused_by_name():
    nodes = [
        *size_of_batch("x"), node("Cast", "n", "f", to=1), node("Div", "x f", "y", "share"),
    ]  # fmt: skip
    with pytest.raises(defib.ExportError, match="share: Div computes with the size of the batch"):
        build(model(nodes, {"x": ["N", 3]}, ["y"]), random(6, 3), None, Settings())


def test_outputs_of_shapes_are_refused():
    proto = model([node("Relu", "x", "y"), *size_of_batch("x")], {"x": ["N", 3]}, ["y", "n"])
    with pytest.raises(defib.ExportError, match="output n: the size of the batch itself"):
        build(proto, random(6, 3), None, Settings())


@pytest.mark.parametrize("batch", [1, 4, 7])
@pytest.mark.parametrize("target", [[None, 6], [None, -1], [None, 3, 2], ["rows", 3], [-1, 6]])
def test_a_batch_size_in_the_graph_is_let_go(batch, target):
    """The same graph serves any number of rows, as it would had it been exported with them."""

    def made_for(rows):
        sizes = {None: rows, "rows": 2 * rows}
        lengths = [sizes.get(n, n) for n in target]
        nodes = [
            constant("t", np.array(lengths)), node("Reshape", "x t", "a"), node("Tanh", "a", "b"),
            constant("u", np.array([rows, 2, 3])), node("Reshape", "b u", "c"),
            node("MatMul", "c w", "y"),
        ]  # fmt: skip
        return model(nodes, {"x": [rows, 2, 3]}, ["y"], {"w": random(3, 3)})

    x = random(9, 2, 3)
    (wanted,) = made.expected(made_for(9), x=x).values()
    agrees(made_for(batch), x, wanted)


@pytest.mark.parametrize("batch", [1, 4])
def test_heads_of_attention_keep_their_batch(batch):
    """(time, batch, 2 heads of 3) split to (time, batch and heads, 3), as PyTorch does."""

    def made_for(rows):
        nodes = [
            node("Transpose", "x", "t", perm=[1, 0, 2]),
            constant("s", np.array([5, 2 * rows, 3])), node("Reshape", "t s", "heads"),
            node("Transpose", "heads", "q", perm=[1, 0, 2]),
            node("Transpose", "heads", "k", perm=[1, 2, 0]),
            node("MatMul", "q k", "scores"), node("Softmax", "scores", "p"),
            node("MatMul", "p q", "mixed"), node("Transpose", "mixed", "m", perm=[1, 0, 2]),
            constant("o", np.array([5, rows, 6])), node("Reshape", "m o", "joined"),
            node("Transpose", "joined", "y", perm=[1, 0, 2]),
        ]  # fmt: skip
        return model(nodes, {"x": [rows, 5, 6]}, ["y"])

    x = random(9, 5, 6)
    (wanted,) = made.expected(made_for(9), x=x).values()
    agrees(made_for(batch), x, wanted)
