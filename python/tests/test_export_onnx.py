"""Exports of ONNX models: what becomes of names, weights and constants."""

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

import onnx_models as made  # noqa: E402
from onnx import helper  # noqa: E402
from onnx_models import X, agrees, constant, mlp, model, node, random, refused  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402

pytestmark = pytest.mark.engine  # the engine says which operators it has


def parameters(document):
    return {entry["name"]: entry.get("trainable", True) for entry in document.parameters}


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
    refused(tmp_path / "m.onnx", "m.onnx is not an ONNX model")
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
