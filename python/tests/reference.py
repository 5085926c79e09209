"""Computes the forward pass of a run in float64, from run.json and its arrays alone."""

import json
from pathlib import Path

import numpy as np


def load(path):
    """Read a run folder into (document, arrays by path)."""
    path = Path(path)
    document = json.loads((path / "run.json").read_text())
    files = {p.relative_to(path).as_posix(): np.load(p) for p in path.rglob("*.npy")}
    return document, files


def forward(document, arrays):
    """Return every tensor of the graph by name."""
    graph = document["graph"]
    values = {name: _double(arrays[document["data"][name]]) for name in graph["inputs"]}
    for entry in graph["parameters"]:
        assert entry["name"] not in values
        values[entry["name"]] = _double(arrays[entry["file"]])
    names = set()
    for node in graph["nodes"]:
        assert node["name"] not in names
        names.add(node["name"])
        inputs = [values[name] if name else None for name in node["inputs"]]
        (output,) = node["outputs"]
        assert output not in values, output
        values[output] = OPERATORS[node["op"]](*inputs, **node.get("attributes", {}))
    return values


def outputs(document, arrays):
    values = forward(document, arrays)
    return {name: values[name] for name in document["graph"]["outputs"]}


def _double(array):
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _gemm(a, b, c=None, *, transA=0, transB=0, alpha=1.0, beta=1.0):
    assert a.ndim == b.ndim == 2
    product = alpha * ((a.T if transA else a) @ (b.T if transB else b))
    return product if c is None else product + beta * c


def _softmax(x, *, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _log_softmax(x, *, axis=-1):
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _flatten(x, *, axis=1):
    return x.reshape(int(np.prod(x.shape[:axis])), -1)


def _reshape(x, shape):
    return x.reshape([x.shape[i] if n == 0 else int(n) for i, n in enumerate(shape)])


def _constant(*, value_ints=None, value_float=None):
    return np.array(value_ints) if value_ints is not None else np.float64(np.float32(value_float))


def _dropout(x, ratio):
    assert 0 <= ratio < 1
    return x  # as in evaluation


OPERATORS = {
    "Gemm": _gemm,
    "MatMul": np.matmul,
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Neg": np.negative,
    "Transpose": lambda x, perm: x.transpose(perm),
    "Relu": lambda x: np.maximum(x, 0),
    "LeakyRelu": lambda x, alpha=0.01: np.where(x >= 0, x, alpha * x),
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Tanh": np.tanh,
    "Softmax": _softmax,
    "LogSoftmax": _log_softmax,
    "Identity": lambda x: x,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Constant": _constant,
    "Dropout": _dropout,
}
