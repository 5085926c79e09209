"""The networks of the workloads."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

Tensor = torch.Tensor


def perceptron(*widths: int) -> nn.Sequential:
    """Linear layers of these widths with ReLU between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def convolutional() -> nn.Sequential:
    """Three 3 by 3 convolutions with ReLU, a pool between them, a dense head; 3 x 32 x 32 in."""
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64 * 16 * 16, 10),
    )


class Recurrent(nn.Module):
    """An LSTM whose last step goes to a dense head of ten classes."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(64, 128, batch_first=True)
        self.head = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        """(samples, steps, 64) to (samples, 10)."""
        steps, _ = self.lstm(x)
        scores: Tensor = self.head(steps[:, -1])
        return scores


class Encoder(nn.Module):
    """One transformer encoder block; the mean of its tokens goes to a head of ten classes."""

    def __init__(self) -> None:
        super().__init__()
        # The activation is a module, so that a hook can see it; dropout is off, as in a replay.
        self.block = nn.TransformerEncoderLayer(
            256, 8, dim_feedforward=1024, dropout=0.0, activation=nn.ReLU(), batch_first=True
        )
        self.head = nn.Linear(256, 10)

    def forward(self, x: Tensor) -> Tensor:
        """(samples, tokens, 256) to (samples, 10)."""
        scores: Tensor = self.head(self.block(x).mean(1))
        return scores
