"""A network written in plain NumPy, described layer by layer.

    model = defib.Sequential(defib.Dense(W1, b1), defib.ReLU(), defib.Dense(W2, b2))

Each layer is data alone: nothing is computed here. The engine computes in float32. Images and
series have their channels on axis 1: (samples, channels, height, width); sequences that a
recurrent layer reads are (samples, steps, features).
"""

from .activations import (
    CELU,
    ELU,
    GELU,
    SELU,
    Clip,
    HardSigmoid,
    HardSwish,
    LeakyReLU,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from .convolution import Conv1D, Conv2D
from .layer import Layer
from .linear import Dense, Embedding
from .model import Sequential
from .normalization import BatchNorm, LayerNorm
from .pooling import (
    AveragePool1D,
    AveragePool2D,
    GlobalAveragePool,
    GlobalMaxPool,
    MaxPool1D,
    MaxPool2D,
)
from .recurrent import GRU, LSTM, RNN
from .shaping import Dropout, Flatten, Reshape, Transpose

__all__ = [
    "CELU", "ELU", "GELU", "GRU", "LSTM", "RNN", "SELU", "AveragePool1D", "AveragePool2D",
    "BatchNorm", "Clip", "Conv1D", "Conv2D", "Dense", "Dropout", "Embedding", "Flatten",
    "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid", "HardSwish", "Layer", "LayerNorm",
    "LeakyReLU", "LogSoftmax", "MaxPool1D", "MaxPool2D", "Mish", "PReLU", "ReLU", "Reshape",
    "Sequential", "SiLU", "Sigmoid", "Softmax", "Softplus", "Softsign", "Tanh", "Transpose",
]  # fmt: skip
