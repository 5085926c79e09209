"""The layers of `defib.Sequential` as operators: type -> how to write it."""

from __future__ import annotations

from .... import sequential as s
from . import plain
from .recurrent import recurrent
from .writer import Handler, Writer

__all__ = ["LAYERS", "Writer"]

LAYERS: dict[type[s.Layer], Handler] = {
    s.Dense: plain.dense,
    s.Embedding: lambda w: w.emit("Gather", w.held["weight"], w.tensor, axis=0),
    s.Conv1D: plain.conv,
    s.Conv2D: plain.conv,
    s.MaxPool1D: plain.pool("MaxPool"),
    s.MaxPool2D: plain.pool("MaxPool"),
    s.AveragePool1D: plain.pool("AveragePool"),
    s.AveragePool2D: plain.pool("AveragePool"),
    s.GlobalAveragePool: plain.global_pool("GlobalAveragePool"),
    s.GlobalMaxPool: plain.global_pool("GlobalMaxPool"),
    s.BatchNorm: plain.batch_norm,
    s.LayerNorm: plain.layer_norm,
    s.RNN: recurrent,
    s.LSTM: recurrent,
    s.GRU: recurrent,
    s.ReLU: plain.single("Relu"),
    s.LeakyReLU: plain.single("LeakyRelu", "alpha"),
    s.PReLU: lambda w: w.emit("PRelu", w.tensor, w.held["slope"]),
    s.ELU: plain.single("Elu", "alpha"),
    s.CELU: plain.single("Celu", "alpha"),
    s.SELU: plain.single("Selu"),
    s.GELU: lambda w: w.emit("Gelu", w.tensor, approximate="tanh" if w.op.approximate else "none"),
    s.SiLU: plain.single("Swish"),
    s.Mish: plain.single("Mish"),
    s.Softplus: plain.single("Softplus"),
    s.Softsign: plain.single("Softsign"),
    s.Sigmoid: plain.single("Sigmoid"),
    s.HardSigmoid: plain.single("HardSigmoid", "alpha", "beta"),
    s.HardSwish: plain.single("HardSwish"),
    s.Tanh: plain.single("Tanh"),
    s.Clip: plain.clip,
    s.Softmax: plain.single("Softmax", "axis"),
    s.LogSoftmax: plain.single("LogSoftmax", "axis"),
    s.Flatten: lambda w: w.emit("Flatten", w.tensor, axis=1),
    s.Reshape: plain.reshape,
    s.Transpose: plain.transpose,
    s.Dropout: plain.dropout,
}
