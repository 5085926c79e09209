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


class Residual(nn.Module):
    """Two 3 by 3 convolutions with batch norms around which the input goes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm1, self.relu1 = nn.BatchNorm2d(outputs), nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2, self.relu2 = nn.BatchNorm2d(outputs), nn.ReLU()
        self.beside: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.beside = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """(samples, inputs, height, width) to (samples, outputs, height, width) / stride."""
        y = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(x)))))
        result: Tensor = self.relu2(y + self.beside(x))
        return result


def resnet18(classes: int = 10) -> nn.Sequential:
    """ResNet-18 (He et al. 2015), for pictures of 224 pixels."""
    blocks, inputs = [], 64
    for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        blocks += [Residual(inputs, outputs, stride), Residual(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, padding=3, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.MaxPool2d(3, 2, padding=1), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes),
    )  # fmt: skip


class GPT(nn.Module):
    """A decoder of 10.8 million parameters: 6 blocks, width 384, 6 heads, over 65 letters.

    Its tokens come as numbers, so that every workload has the same kind of data; the last of them
    is what the classes are of.
    """

    def __init__(self, blocks: int = 6, width: int = 384, heads: int = 6) -> None:
        super().__init__()
        self.letters = nn.Linear(65, width, bias=False)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, heads, 4 * width, dropout=0.0, activation=nn.GELU(), batch_first=True,
                norm_first=True,
            )
            for _ in range(blocks)
        )  # fmt: skip
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 65)

    def forward(self, x: Tensor) -> Tensor:
        """(samples, tokens, 65) to (samples, 65)."""
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        h = self.letters(x)
        for block in self.blocks:
            h = block(h, src_mask=mask, is_causal=True)
        scores: Tensor = self.head(self.norm(h)[:, -1])
        return scores
