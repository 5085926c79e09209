"""Small ONNX graphs made by hand."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import defib
from defib.exporters import Settings, build


def random(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(np.float32)


X = random(6, 4)


def model(nodes, inputs, outputs, weights=None, opset=21, functions=(), domains=(), kind=None):
    """Make a model of nodes, inputs (name -> shape), names of outputs, and arrays by name."""
    kind = kind or TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs.items()],
        [onnx.ValueInfoProto(name=name) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()],
    )
    for value in graph.output:
        value.type.tensor_type.elem_type = TensorProto.FLOAT
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    return helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=10)


def node(op, inputs, outputs, name="", **attributes):
    """Make a node; inputs and outputs are texts with the names in them."""
    held = [[] if not names else names.split(" ") for names in (inputs, outputs)]
    held = [["" if name == "-" else name for name in names] for names in held]
    return helper.make_node(op, *held, name=name, **attributes)


def constant(name, value):
    return helper.make_node(
        "Constant", [], [name], value=numpy_helper.from_array(np.asarray(value))
    )


def mlp(**weights):
    """Two dense layers: fc1 with a Relu, fc2."""
    held = {
        "fc1.weight": random(8, 4), "fc1.bias": random(8),
        "fc2.weight": random(3, 8), "fc2.bias": random(3),
    }  # fmt: skip
    held.update({name.replace("_", "."): array for name, array in weights.items()})
    return model(
        [
            node("Gemm", "x fc1.weight fc1.bias", "h", "fc1", transB=1),
            node("Relu", "h", "a", "act"),
            node("Gemm", "a fc2.weight fc2.bias", "logits", "fc2", transB=1),
        ],
        {"x": ["N", 4]}, ["logits"], held,
    )  # fmt: skip


def expected(proto, **feeds):
    """Return the outputs by name, from onnx's own evaluator."""
    names = [value.name for value in proto.graph.output]
    return dict(zip(names, ReferenceEvaluator(proto).run(names, feeds), strict=True))


def agrees(proto, x=X, name="x", limit=1e-5, **settings):
    """Replay a model and compare with onnx's own evaluator."""
    found = defib.replay(proto, x, mode="eval", **settings).outputs
    wanted = expected(proto, **{name: x})
    assert list(found) == list(wanted)
    for key, array in wanted.items():
        assert found[key].shape == array.shape
        np.testing.assert_allclose(found[key], array, rtol=limit, atol=limit)


def refused(proto, *texts, x=X, **settings):
    with pytest.raises(defib.ExportError) as caught:
        build(proto, x, None, Settings(**settings))
    for text in texts:
        assert text in str(caught.value)
