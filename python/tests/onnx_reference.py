"""Computes a run with the onnx package's own reference implementation of every operator.

A run's graph is an ONNX graph in all but its file format, so ONNX's own semantics are the oracle.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

OPSET = 24


def forward(document, arrays, wanted=None, *, double=True):
    """Return tensors of the graph by name: its outputs, or those in `wanted`."""
    graph = document["graph"]
    feeds = {name: _held(arrays[document["data"][name]], double) for name in graph["inputs"]}
    parameters = [
        numpy_helper.from_array(_held(arrays[entry["file"]], double), entry["name"])
        for entry in graph["parameters"]
    ]
    wanted = list(graph["outputs"]) if wanted is None else list(wanted)
    used = {name for node in graph["nodes"] for name in node["inputs"]}
    model = helper.make_model(
        helper.make_graph(
            [_node(node, double) for node in graph["nodes"]],
            "run",
            [_info(name, array) for name, array in feeds.items()],
            [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None) for name in wanted],
            [tensor for tensor in parameters if tensor.name in used],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    evaluator = ReferenceEvaluator(model, new_ops=EXTRA)
    return dict(zip(wanted, evaluator.run(wanted, feeds), strict=True))


def _held(array, double):
    array = np.ascontiguousarray(array)
    if array.dtype.kind == "f":
        return array.astype(np.float64 if double else np.float32)
    return array.astype(bool if array.dtype.kind == "b" else np.int64)


def _info(name, array):
    return helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
    )


def _node(node, double):
    attributes = dict(node.get("attributes", {}))
    if "value_float" in attributes and double:
        value = np.array(np.float32(attributes.pop("value_float")), np.float64)
        attributes["value"] = numpy_helper.from_array(value)
    if attributes.get("to") == TensorProto.FLOAT and double:
        attributes["to"] = TensorProto.DOUBLE
    names = {
        key: helper.make_attribute(key, value) for key, value in attributes.items() if value != []
    }
    result = helper.make_node(node["op"], node["inputs"], node["outputs"], name=node["name"])
    result.attribute.extend(names.values())
    return result


def _activation(name, alpha, beta):
    return {
        "Tanh": np.tanh,
        "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "Relu": lambda x: np.maximum(x, 0),
        "Affine": lambda x: alpha * x + beta,
        "HardSigmoid": lambda x: np.clip(alpha * x + beta, 0, 1),
        "Softsign": lambda x: x / (1 + np.abs(x)),
        "Elu": lambda x: np.where(x > 0, x, alpha * np.expm1(x)),
    }[name]


class _Recurrence(onnx.reference.op_run.OpRun):
    """The recurrent operators by ONNX's equations; the package's own know one direction only."""

    op_domain = ""
    gates = 1

    def _run(self, x, w, r, b=None, lengths=None, *states, **attributes):
        assert lengths is None
        assert attributes.get("layout") == 1
        hidden = attributes["hidden_size"]
        directions = w.shape[0]
        assert w.shape[1] == r.shape[1] == self.gates * hidden
        b = np.zeros((directions, 2 * self.gates * hidden)) if b is None else b
        way = attributes.get("direction") or "forward"
        assert directions == (2 if way == "bidirectional" else 1)
        names = attributes.get("activations") or self.default * directions
        alphas = list(attributes.get("activation_alpha") or [])
        betas = list(attributes.get("activation_beta") or [])
        functions = []
        for name in names:
            alpha = alphas.pop(0) if name in ("Affine", "HardSigmoid", "Elu", "LeakyRelu") else 0
            beta = betas.pop(0) if name in ("Affine", "HardSigmoid") else 0
            functions.append(_activation(name, alpha, beta))
        sequences, last = [], []
        for d in range(directions):
            backwards = way == "reverse" or d == 1
            state = [s[:, d] for s in states if s is not None]
            state += [np.zeros((x.shape[0], hidden))] * (self.states - len(state))
            steps = range(x.shape[1])
            outputs = [None] * x.shape[1]
            per = len(self.default)
            chosen = functions[d * per : (d + 1) * per]
            wb, rb = np.split(b[d], 2)
            for t in reversed(steps) if backwards else steps:
                state = self.step(x[:, t], state, w[d], r[d], wb, rb, chosen, attributes)
                outputs[t] = state[0]
            sequences.append(np.stack(outputs, 1))
            last.append(state)
        y = np.stack(sequences, 2)
        return (y, *(np.stack([one[i] for one in last], 1) for i in range(self.states)))


class RNN(_Recurrence):
    gates, states, default = 1, 1, ("Tanh",)

    def step(self, x, state, w, r, wb, rb, functions, _):
        return [functions[0](x @ w.T + state[0] @ r.T + wb + rb)]


class LSTM(_Recurrence):
    gates, states, default = 4, 2, ("Sigmoid", "Tanh", "Tanh")

    def step(self, x, state, w, r, wb, rb, functions, _):
        f, g, h = functions
        gates = x @ w.T + state[0] @ r.T + wb + rb
        i, o, forget, c = np.split(gates, 4, axis=1)
        memory = f(forget) * state[1] + f(i) * g(c)
        return [f(o) * h(memory), memory]


class GRU(_Recurrence):
    gates, states, default = 3, 1, ("Sigmoid", "Tanh")

    def step(self, x, state, w, r, wb, rb, functions, attributes):
        f, g = functions
        wz, wr, wh = np.split(x @ w.T + wb, 3, axis=1)
        rz, rr, rh = np.split(r, 3)
        bz, br, bh = np.split(rb, 3)
        h = state[0]
        z, reset = f(wz + h @ rz.T + bz), f(wr + h @ rr.T + br)
        if attributes.get("linear_before_reset"):
            new = g(wh + reset * (h @ rh.T + bh))
        else:
            new = g(wh + (reset * h) @ rh.T + bh)
        return [(1 - z) * new + z * h]


class GlobalMaxPool(onnx.reference.op_run.OpRun):
    """The package's own takes two spatial axes for granted."""

    op_domain = ""

    def _run(self, x):
        return (x.max(axis=tuple(range(2, x.ndim)), keepdims=True),)


EXTRA = [RNN, LSTM, GRU, GlobalMaxPool]
