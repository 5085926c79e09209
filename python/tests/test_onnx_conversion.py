"""Old opsets, functions and types: what is brought into the words of the engine."""

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

from onnx import helper  # noqa: E402
from onnx_models import X, agrees, constant, mlp, model, node, random, refused  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402

pytestmark = pytest.mark.engine  # the engine says which operators it has


@pytest.mark.parametrize("opset", [7, 9, 11, 13, 15, 18, 20, 22, 23])
def test_opsets(opset):
    proto = mlp()
    proto.opset_import[0].version = opset
    agrees(proto)


def test_old_semantics_are_converted():
    """Under opset 11 a softmax went over all axes from its own on."""
    x = random(5, 2, 3)
    nodes = [
        node("Softmax", "x", "s", axis=1), node("Unsqueeze", "s", "u", axes=[1]),
        node("Squeeze", "u", "y", axes=[1]),
    ]  # fmt: skip
    proto = model(nodes, {"x": ["N", 2, 3]}, ["y"], opset=11)
    wanted = np.exp(x) / np.exp(x).sum(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(defib.replay(proto, x).outputs["y"], wanted, rtol=1e-5)
    refused(
        model([node("Upsample", "x s", "y")], {"x": ["N", 2, 3]}, ["y"],
              {"s": np.array([1, 1, 2], np.float32)}, opset=9),
        "Upsample_0: Upsample, converted to Resize", x=x,
    )  # fmt: skip


def test_very_old_broadcasts_are_converted():
    proto = mlp()
    proto.graph.node[1].CopyFrom(node("Add", "h fc1.bias", "a", broadcast=1, axis=1))
    for dense in (proto.graph.node[0], proto.graph.node[2]):
        dense.attribute.append(helper.make_attribute("broadcast", 1))
    proto.opset_import[0].version = 6
    wanted = defib.replay(proto, X).outputs["logits"]
    w = {t.name: onnx.numpy_helper.to_array(t) for t in proto.graph.initializer}
    hidden = X @ w["fc1.weight"].T + 2 * w["fc1.bias"]
    np.testing.assert_allclose(
        wanted, hidden @ w["fc2.weight"].T + w["fc2.bias"], rtol=1e-4, atol=1e-5
    )


def test_what_has_no_counterpart_in_opset_21():
    proto = model([node("Cast", "x", "y", to="FLOAT")], {"x": ["N", 4]}, ["y"], opset=5)
    refused(proto, "opset 5", "cannot convert", "Operators that changed: Cast")


def test_functions_are_inlined():
    body = [node("Gemm", "v w", "p", transB=1), node("Relu", "p", "r")]
    dense = helper.make_function(
        "local", "Dense", ["v", "w"], ["r"], body, [helper.make_opsetid("", 21)]
    )
    proto = model(
        [node("Dense", "x fc1.weight", "y", "fc1", domain="local")],
        {"x": ["N", 4]}, ["y"], {"fc1.weight": random(8, 4)}, functions=[dense], domains=["local"],
    )  # fmt: skip
    assert [n["op"] for n in build(proto, X, None, Settings()).nodes] == ["Gemm", "Relu"]
    agrees(proto)


def test_operators_that_onnx_itself_spells_out():
    x = random(5, 3, 4, 2)
    proto = model(
        [node("MeanVarianceNormalization", "x", "y", "mvn")], {"x": ["N", 3, 4, 2]}, ["y"]
    )
    assert {n["layer"] for n in build(proto, x, None, Settings()).nodes} == {"mvn"}
    agrees(proto, x, limit=1e-4)


def test_types_are_spelled_out():
    """7 // 2 is 3, and a boolean mask says where an attention may look."""
    x = np.arange(-6, 6).reshape(6, 2)
    divided = [
        constant("two", np.int64(4)),
        node("Div", "x two", "q"),
        node("Cast", "q", "y", to=1),
    ]
    agrees(model(divided, {"x": ["N", 2]}, ["y"], kind=onnx.TensorProto.INT64), x)
    mask = np.tril(np.ones((3, 3), bool), 1)
    attend = [node("Attention", "x x x mask", "y", q_num_heads=2, kv_num_heads=2)]
    proto = model(attend, {"x": ["N", 3, 4]}, ["y"], {"mask": mask}, opset=23)
    agrees(proto, random(6, 3, 4), limit=1e-4)
