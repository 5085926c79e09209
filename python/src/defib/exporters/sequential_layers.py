"""The layers of `defib.Sequential` as operators: type -> how to write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import sequential as s
from .document import RunDocument
from .gates import ordered


@dataclass
class Writer:
    """One layer on its way into the run."""

    document: RunDocument
    name: str
    layer: Any
    #: what the layer reads
    tensor: str
    #: the shapes of a sample in front of it and behind it
    before: tuple[int, ...]
    after: tuple[int, ...]
    training: bool
    #: the layer's parameters in the run, by their names inside the layer
    held: dict[str, str]

    def node(self, op: str, *inputs: str, step: str | None = None, **attributes: Any) -> str:
        """Add an operator named after the layer, or `layer/step`."""
        name = f"{self.name}/{step}" if step else self.name
        return self.document.add_node(op, inputs, layer=self.name, name=name, attributes=attributes)

    def integers(self, values: list[int], step: str) -> str:
        """Add a constant list of integers."""
        return self.document.add_integers(values, layer=self.name, name=f"{self.name}/{step}")

    def number(self, value: float, step: str) -> str:
        """Add a constant number."""
        return self.document.add_number(value, layer=self.name, name=f"{self.name}/{step}")


Handler = Callable[[Writer], str]


def _plain(op: str, *attributes: str) -> Handler:
    def handle(w: Writer) -> str:
        held: dict[str, Any] = {name: getattr(w.layer, name) for name in attributes}
        return w.node(op, w.tensor, **held)

    return handle


def _dense(w: Writer) -> str:
    weight, bias = w.held["weight"], w.held.get("bias")
    if len(w.before) == 1:
        return w.node("Gemm", w.tensor, weight, *([] if bias is None else [bias]))
    if bias is None:
        return w.node("MatMul", w.tensor, weight)
    return w.node("Add", w.node("MatMul", w.tensor, weight, step="product"), bias)


def _conv(w: Writer) -> str:
    layer = w.layer
    return w.node(
        "Conv", w.tensor, *w.held.values(), kernel_shape=[int(n) for n in layer.weight.shape[2:]],
        strides=list(layer.stride), dilations=list(layer.dilation), group=layer.groups,
        pads=list(layer.padding) * 2,
    )  # fmt: skip


def _pool(op: str) -> Handler:
    return lambda w: w.node(
        op, w.tensor, kernel_shape=list(w.layer.size), strides=list(w.layer.stride),
        pads=list(w.layer.padding) * 2,
    )  # fmt: skip


def _global(op: str) -> Handler:
    return lambda w: w.node("Flatten", w.node(op, w.tensor, step="pooled"), axis=1)


def _batch_norm(w: Writer) -> str:
    return w.node(
        "BatchNormalization", w.tensor, *w.held.values(), epsilon=float(w.layer.eps),
        momentum=float(w.layer.momentum), training_mode=int(w.training),
    )  # fmt: skip


def _layer_norm(w: Writer) -> str:
    return w.node(
        "LayerNormalization", w.tensor, *w.held.values(), axis=-w.layer.gamma.ndim,
        epsilon=float(w.layer.eps),
    )  # fmt: skip


def _clip(w: Writer) -> str:
    return w.node("Clip", w.tensor, w.number(w.layer.low, "low"), w.number(w.layer.high, "high"))


def _dropout(w: Writer) -> str:
    return w.node("Dropout", w.tensor, w.number(w.layer.p, "ratio"))


def _reshape(w: Writer) -> str:
    return w.node("Reshape", w.tensor, w.integers([0, *w.after], "shape"))


def _transpose(w: Writer) -> str:
    return w.node("Transpose", w.tensor, perm=[0, *w.layer.axes])


#: kind -> the gates in the order of ONNX
_GATES = {s.RNN: "", s.LSTM: "iofc", s.GRU: "zrh"}


def _recurrent(w: Writer) -> str:
    """Write RNN, LSTM or GRU with batches on axis 0 and its gates in the order of ONNX."""
    layer, kind = w.layer, type(w.layer)
    given = getattr(layer, "gates", "")
    order = [given.index(letter) for letter in _GATES[kind]] or [0]
    direction = w.integers([0], "direction")
    inputs = [w.tensor]
    for part in ("weight", "recurrent"):
        rows = w.node("Transpose", w.held[part], step=f"{part}/rows", perm=[1, 0])
        rows = ordered(w.document, rows, order, layer=w.name, name=part)
        inputs.append(w.node("Unsqueeze", rows, direction, step=f"{part}/direction"))
    if "bias" in w.held or "recurrent_bias" in w.held:
        inputs.append(_biases(w, order, direction))
    attributes: dict[str, Any] = {
        "hidden_size": layer.units, "layout": 1,
        "direction": "reverse" if layer.backwards else "forward",
    }  # fmt: skip
    if kind is s.GRU:
        attributes["linear_before_reset"] = int(layer.reset_after)
    wide, last = w.document.add_outputs(
        kind.__name__, inputs, [f"{w.name}/steps", f"{w.name}/last"], layer=w.name,
        name=f"{w.name}/cell", attributes=attributes,
    )  # fmt: skip
    if layer.sequences:
        return w.node("Squeeze", wide, w.integers([2], "axis"))
    return w.node("Squeeze", last, w.integers([1], "axis"))


def _biases(w: Writer, order: list[int], direction: str) -> str:
    parts = []
    for part in ("bias", "recurrent_bias"):
        if part in w.held:
            parts.append(ordered(w.document, w.held[part], order, layer=w.name, name=part))
        else:
            zeros = np.zeros(len(order) * w.layer.units, np.float32)
            parts.append(w.document.add_parameter(f"{w.name}/no_{part}", zeros, trainable=False))
    both = w.node("Concat", *parts, step="biases", axis=0)
    return w.node("Unsqueeze", both, direction, step="biases/direction")


LAYERS: dict[type[s.Layer], Handler] = {
    s.Dense: _dense,
    s.Embedding: lambda w: w.node("Gather", w.held["weight"], w.tensor, axis=0),
    s.Conv1D: _conv,
    s.Conv2D: _conv,
    s.MaxPool1D: _pool("MaxPool"),
    s.MaxPool2D: _pool("MaxPool"),
    s.AveragePool1D: _pool("AveragePool"),
    s.AveragePool2D: _pool("AveragePool"),
    s.GlobalAveragePool: _global("GlobalAveragePool"),
    s.GlobalMaxPool: _global("GlobalMaxPool"),
    s.BatchNorm: _batch_norm,
    s.LayerNorm: _layer_norm,
    s.RNN: _recurrent,
    s.LSTM: _recurrent,
    s.GRU: _recurrent,
    s.ReLU: _plain("Relu"),
    s.LeakyReLU: _plain("LeakyRelu", "alpha"),
    s.PReLU: lambda w: w.node("PRelu", w.tensor, w.held["slope"]),
    s.ELU: _plain("Elu", "alpha"),
    s.CELU: _plain("Celu", "alpha"),
    s.SELU: _plain("Selu"),
    s.GELU: lambda w: w.node(
        "Gelu", w.tensor, approximate="tanh" if w.layer.approximate else "none"
    ),
    s.SiLU: _plain("Swish"),
    s.Mish: _plain("Mish"),
    s.Softplus: _plain("Softplus"),
    s.Softsign: _plain("Softsign"),
    s.Sigmoid: _plain("Sigmoid"),
    s.HardSigmoid: _plain("HardSigmoid", "alpha", "beta"),
    s.HardSwish: _plain("HardSwish"),
    s.Tanh: _plain("Tanh"),
    s.Clip: _clip,
    s.Softmax: _plain("Softmax", "axis"),
    s.LogSoftmax: _plain("LogSoftmax", "axis"),
    s.Flatten: lambda w: w.node("Flatten", w.tensor, axis=1),
    s.Reshape: _reshape,
    s.Transpose: _transpose,
    s.Dropout: _dropout,
}
