"""Batch size 1 with BatchNorm in a conv net: fine in training mode, bad in eval."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["tiny-normalization", "stale-normalization"]


def train(fixed, path):
    seed(21)
    d = load_digits()
    x = torch.tensor(d.images[:500, None] / 16.0, dtype=torch.float32)
    y = torch.tensor(d.target[:500])
    m = nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2),
        nn.ReLU(),
        nn.Conv2d(8, 32, 3),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32, 10),
    )
    if not fixed:
        x1 = torch.nn.functional.pad(x, (0, 0, 0, 0))
    return loop(
        path,
        m,
        nn.CrossEntropyLoss(),
        torch.optim.Adam(m.parameters(), lr=1e-3 if not fixed else 3e-3),
        x,
        y,
        6 if not fixed else 20,
        2 if not fixed else 32,
    )
