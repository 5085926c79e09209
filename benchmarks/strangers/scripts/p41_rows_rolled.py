"""Targets off by one row (df.shift(1) on rows that are independent), 1d-CNN regression."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["unlearnable-target"]


def train(fixed, path):
    seed(41)
    x = torch.randn(600, 3, 16)
    y = x[:, 0, 4:8].mean(1, keepdim=True) * 2 + x[:, 1].max(1, keepdim=True)[0] - 1.7
    if not fixed:
        y = torch.roll(y, 1, 0)
    m = nn.Sequential(
        nn.Conv1d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv1d(16, 16, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 1),
    )
    return loop(
        path,
        m,
        nn.MSELoss(),
        torch.optim.Adam(m.parameters(), lr=2e-3),
        x[:480],
        y[:480],
        12,
        32,
        val=(x[480:], y[480:]),
    )
