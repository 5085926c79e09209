"""Nn.Dropout(0.95) where 0.05 was meant."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["excessive-dropout"]


def train(fixed, path):
    seed(17)
    p = 0.05 if fixed else 0.95
    x = torch.randn(1000, 16)
    y = torch.sin(x[:, :1] * 2) + x[:, 1:2] * x[:, 2:3]
    m = nn.Sequential(
        nn.Linear(16, 64),
        nn.ReLU(),
        nn.Dropout(p),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Dropout(p),
        nn.Linear(64, 1),
    )
    return loop(path, m, nn.MSELoss(), torch.optim.Adam(m.parameters(), lr=2e-3), x, y, 30, 32)
