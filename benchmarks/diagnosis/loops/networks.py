"""The networks of the PyTorch scripts: a trunk and a head each, by name."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

Tensor = torch.Tensor


class Net(nn.Module):
    """A trunk that turns samples into features, and a head on top."""

    def __init__(self, trunk: nn.Module, width: int, outputs: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map samples to outputs."""
        out: Tensor = self.head(self.trunk(x))
        return out


class Lstm(nn.Module):
    """The last state of an LSTM."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(inputs, width, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, steps, inputs) to (n, width)."""
        states, _ = self.lstm(x)
        out: Tensor = states[:, -1]
        return out


class Encoder(nn.Module):
    """A small transformer over words or vectors; the mean of what it says."""

    def __init__(self, enter: nn.Module, steps: int, width: int = 16, layers: int = 1) -> None:
        super().__init__()
        self.enter = enter
        self.place = nn.Parameter(0.1 * torch.randn(1, steps, width))
        layer = nn.TransformerEncoderLayer(width, 2, 2 * width, 0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, steps, …) to (n, width)."""
        out: Tensor = self.encoder(self.enter(x) + self.place).mean(1)
        return out


def dense(inputs: int, width: int, depth: int = 2, *between: Callable[[], nn.Module]) -> nn.Module:
    """Return `depth` dense layers of `width`, with ReLU or what stands `between` behind each."""
    layers: list[nn.Module] = []
    for layer in range(depth):
        layers += [nn.Linear(width if layer else inputs, width)]
        layers += [make() for make in between] or [nn.ReLU()]
    return nn.Sequential(*layers)


def images(*behind: nn.Module) -> nn.Module:
    """Return two convolutions over 8 by 8 pixels that end in 256 features."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), *behind, nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.Flatten(),
    )  # fmt: skip


#: name -> what builds it; the task's inputs and outputs are part of the network.
NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "table-mlp": lambda: Net(dense(6, 32), 32, 1),
    "table-tanh": lambda: Net(dense(6, 32, 2, nn.Tanh), 32, 1),
    "table-deep": lambda: Net(dense(6, 24, 4), 24, 1),
    "spirals-mlp": lambda: Net(dense(2, 32), 32, 3),
    "spirals-tanh": lambda: Net(dense(2, 24, 3, nn.Tanh), 24, 3),
    "blobs-mlp": lambda: Net(dense(8, 24), 24, 6),
    "moons-mlp": lambda: Net(dense(2, 16), 16, 1),
    "digits-cnn": lambda: Net(images(), 256, 10),
    "sums-lstm": lambda: Net(Lstm(1, 16), 16, 1),
    "waves-lstm": lambda: Net(Lstm(1, 16), 16, 3),
    "strips-lstm": lambda: Net(Lstm(8, 24), 24, 10),
    "tokens-transformer": lambda: Net(Encoder(nn.Embedding(9, 16), 10), 16, 3),
    "strips-transformer": lambda: Net(Encoder(nn.Linear(8, 16), 8), 16, 10),
}
