"""Exports of ONNX models: what becomes of names, weights, constants and old opsets."""

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

import onnx_models as made  # noqa: E402
from onnx import helper  # noqa: E402
from onnx_models import constant, mlp, model, node, random  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402

pytestmark = pytest.mark.engine  # the engine says which operators it has

X = random(6, 4)


def parameters(document):
    return {entry["name"]: entry.get("trainable", True) for entry in document.parameters}


def agrees(proto, x=X, name="x", limit=1e-5, **settings):
    """Replay a model and compare with onnx's own evaluator."""
    found = defib.replay(proto, x, mode="eval", **settings).outputs
    wanted = made.expected(proto, **{name: x})
    assert list(found) == list(wanted)
    for key, array in wanted.items():
        assert found[key].shape == array.shape
        np.testing.assert_allclose(found[key], array, rtol=limit, atol=limit)


def refused(proto, *texts, x=X, **settings):
    with pytest.raises(defib.ExportError) as caught:
        build(proto, x, None, Settings(**settings))
    for text in texts:
        assert text in str(caught.value)


def test_model_file_and_bytes_are_the_same_run(tmp_path):
    proto = mlp()
    onnx.save(proto, tmp_path / "m.onnx")
    texts = {
        build(given, X, None, Settings()).to_json()
        for given in (
            proto, tmp_path / "m.onnx", str(tmp_path / "m.onnx"), proto.SerializeToString(),
        )
    }  # fmt: skip
    assert len(texts) == 1
    run = defib.export(tmp_path / "run", tmp_path / "m.onnx", X, random(6, 3), loss="mse")
    assert [n["layer"] for n in run.to_dict()["graph"]["nodes"]] == ["fc1", "act", "fc2"]
    assert run.to_dict()["provenance"]["framework"] == "onnx"
    agrees(proto)


def test_a_finding_has_the_layers_name():
    proto = mlp(fc1_bias=np.full(8, -100, np.float32))
    report = defib.check(proto, X, random(6, 3), loss="mse")
    assert "act" in {finding.place.layer for finding in report.causes}


def test_gradients_are_those_of_the_loss():
    y = random(6, 3)
    replay = defib.replay(mlp(), X, y, loss="mse")
    w = {t.name: onnx.numpy_helper.to_array(t) for t in mlp().graph.initializer}
    a = np.maximum(X @ w["fc1.weight"].T + w["fc1.bias"], 0)
    error = 2 * (a @ w["fc2.weight"].T + w["fc2.bias"] - y) / y.size
    np.testing.assert_allclose(replay.gradients["fc2.weight"], error.T @ a, rtol=1e-4, atol=1e-6)
    back = (error @ w["fc2.weight"]) * (a > 0)
    np.testing.assert_allclose(replay.gradients["fc1.weight"], back.T @ X, rtol=1e-4, atol=1e-6)


def test_external_data_is_mapped(tmp_path):
    proto = mlp()
    onnx.save(
        proto, tmp_path / "m.onnx", save_as_external_data=True, location="w.bin", size_threshold=0
    )
    document = build(tmp_path / "m.onnx", X, None, Settings())
    held = document.array_of("fc1.weight")
    assert isinstance(held.base, np.memmap) or isinstance(held, np.memmap)
    agrees(mlp())
    found = defib.replay(tmp_path / "m.onnx", X).outputs["logits"]
    np.testing.assert_allclose(found, made.expected(mlp(), x=X)["logits"], rtol=1e-5, atol=1e-5)
    bare = onnx.load(tmp_path / "m.onnx", load_external_data=False)
    refused(bare, "fc1.weight", "fc2.bias", "pass the path")
    for entry in bare.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = "../w.bin"
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "m.onnx").write_bytes(bare.SerializeToString())
    refused(tmp_path / "sub" / "m.onnx", "outside the model's folder", "fc2.weight")
    (tmp_path / "w.bin").write_bytes(b"short")
    refused(tmp_path / "m.onnx", "fc1.weight")


def test_what_is_no_model(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"no model at all")
    refused(tmp_path / "m.onnx", "m.onnx is no ONNX model")
    refused(tmp_path / "none.onnx", "none.onnx cannot be read")
    refused(b"", "has no nodes")
    refused(model([constant("c", 1.0)], {}, ["c"]), "no input that data could feed")


def test_everything_unsupported_is_listed():
    proto = model(
        [
            node("BitShift", "x s", "a", "shift", direction="LEFT"),
            node("StringNormalizer", "a", "b"),
            node("Fused", "b", "c", domain="com.microsoft"),
            node("Relu", "c", "y"),
        ],
        {"x": ["N", 4], "s": ["N", 4]}, ["y"], domains=["com.microsoft"],
    )  # fmt: skip
    refused(
        proto, "shift: BitShift", "StringNormalizer_0: StringNormalizer",
        "Fused_0: com.microsoft.Fused", "Known operators: ", x=[X, X],
    )  # fmt: skip


def test_graphs_in_nodes_are_refused_by_name():
    inner = helper.make_graph([constant("k", 1.0)], "g", [], [onnx.ValueInfoProto(name="k")])
    nodes = [
        node("If", "x", "a", "gate", then_branch=inner, else_branch=inner),
        node("Loop", "x - a", "y", body=inner),
    ]
    refused(model(nodes, {"x": ["N", 4]}, ["y"]), "gate: If", "Loop_0: Loop")


def test_tensors_from_nowhere():
    proto = model([node("Add", "x lost", "y", "sum")], {"x": ["N", 4]}, ["y"])
    refused(proto, "sum: reads lost, which nothing computes")


def test_half_precision_is_noted():
    document = build(mlp(fc1_weight=random(8, 4).astype(np.float16)), X, None, Settings())
    assert document.training["precision"] == "float16"


def test_inputs_by_name_and_by_order():
    proto = model(
        [node("Sub", "a b", "y")], {"a": ["N", 4], "b": ["N", 4]}, ["y"]
    )  # fmt: skip
    for x in ([X, 2 * X], {"b": 2 * X, "a": X}):
        np.testing.assert_allclose(defib.replay(proto, x).outputs["y"], -X, rtol=1e-6)
    refused(proto, "a, b", x=X)
    refused(mlp(), "input x has shape (6, 5); expected (samples, 4)", x=random(6, 5))


def test_names_are_kept_or_made():
    proto = model(
        [
            node("Relu", "x", "a"), node("Tanh", "a", "b", "same"), node("Tanh", "b", "c", "same"),
            node("Relu", "c", "y"),
        ],
        {"x": ["N", 4]}, ["y"],
    )  # fmt: skip
    names = [entry["name"] for entry in build(proto, X, None, Settings()).nodes]
    assert names == ["Relu_0", "same", "same_1", "Relu_1"]


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("/fc1/Gemm", "fc1"), ("/layers/layers.0/Gemm", "layers.0"), ("/Gemm_2", "Gemm_2"),
        ("/block/fc/Gemm", "block.fc"), ("dense/MatMul", "MatMul"), ("head", "head"),
        ("/encoder/layers.1/attn/Gemm_3", "encoder.layers.1.attn"),
    ],
)  # fmt: skip
def test_scopes_of_pytorch(name, layer):
    nodes = [node("Gemm", "x fc1.weight", "y", name, transB=1)]
    proto = model(nodes, {"x": ["N", 4]}, ["y"], {"fc1.weight": random(8, 4)})
    (entry,) = build(proto, X, None, Settings()).nodes
    assert (entry["name"], entry["layer"]) == (name, layer)


def test_which_initializers_are_trained():
    weights = {
        "kernel": random(4, 4), "shift": random(4), "scalar": np.float32(2), "steps": np.arange(4),
        "divisor": random(4) + 5, "turned": random(3, 4),
    }  # fmt: skip
    nodes = [
        node("MatMul", "x kernel", "a"), node("Add", "a shift", "b"), node("Mul", "b scalar", "c"),
        node("Div", "c divisor", "d"), node("Transpose", "turned", "t", perm=[1, 0]),
        node("MatMul", "d t", "e"), node("Cast", "steps", "s", to=1),
        node("Gemm", "e f", "y"),
    ]  # fmt: skip
    weights["f"] = random(3, 4)
    nodes.append(node("Add", "y s", "z"))
    proto = model(nodes, {"x": ["N", 4]}, ["z"], weights)
    wanted = {"kernel", "shift", "turned", "f"}
    found = parameters(build(proto, X, None, Settings()))
    assert {name for name, trained in found.items() if trained} == wanted
    assert {"scalar", "steps", "divisor"} <= set(found)
    chosen = parameters(build(proto, X, None, Settings(trainable=["divisor"])))
    assert [name for name, trained in chosen.items() if trained] == ["divisor"]
    refused(proto, "trainable names kernal (meant kernel?)", trainable=["kernal"])
    agrees(proto)


def test_trainable_belongs_to_onnx():
    with pytest.raises(defib.ExportError, match="goes with an ONNX model"):
        defib.check(defib.Sequential(defib.Dense(X)), X, trainable=["dense1.weight"])


def test_constants_stand_in_the_graph_or_in_files():
    infinite = np.array([0, -np.inf, 0, 0], np.float32)
    nodes = [
        constant("half", np.float32(0.5)), constant("row", random(4)),
        constant("square", random(4, 4)), constant("mask", infinite),
        node("Mul", "x half", "a"), node("Add", "a row", "b"), node("MatMul", "b square", "c"),
        node("Max", "c mask", "y"),
    ]  # fmt: skip
    proto = model(nodes, {"x": ["N", 4]}, ["y"])
    document = build(proto, X, None, Settings())
    inline = {n["outputs"][0] for n in document.nodes if n["op"] == "Constant"}
    assert inline == {"half", "row"}
    assert parameters(document) == {"square": False, "mask": False}
    agrees(proto)


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


def test_initial_values():
    before = mlp(fc1_weight=random(8, 4, seed=9))
    held = {t.name: onnx.numpy_helper.to_array(t) for t in before.graph.initializer}
    for initial in (before, before.SerializeToString(), held, list(held.values())):
        document = build(mlp(), X, None, Settings(initial=initial))
        paths = {e["name"]: e["initial"] for e in document.parameters}
        array = document.arrays[paths["fc1.weight"]]
        np.testing.assert_array_equal(array, held["fc1.weight"])
    refused(mlp(), "initial names ['w']", initial={"w": X})


def test_the_model_stays_as_it_is():
    proto = mlp()
    for entry in proto.graph.node:
        entry.name = ""
    before = proto.SerializeToString(deterministic=True)
    build(proto, X, None, Settings())
    assert proto.SerializeToString(deterministic=True) == before
