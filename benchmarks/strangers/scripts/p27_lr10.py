"""Adam(lr=10) typo, MLP with layer norm."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["learning-rate-too-high"]


def train(fixed, path):
    seed(27)
    x = torch.randn(1000, 10)
    y = (x[:, 0] * x[:, 1] + x[:, 2] > 0).long()
    m = nn.Sequential(
        nn.Linear(10, 48),
        nn.LayerNorm(48),
        nn.GELU(),
        nn.Linear(48, 48),
        nn.LayerNorm(48),
        nn.GELU(),
        nn.Linear(48, 2),
    )
    return loop(
        path,
        m,
        nn.CrossEntropyLoss(),
        torch.optim.Adam(m.parameters(), lr=3e-3 if fixed else 10),
        x,
        y,
        20,
        50,
    )
