"""Momentum=0.999 in SGD."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["optimizer-settings", "learning-rate-too-high"]


def train(fixed, path):
    seed(48)
    x = torch.randn(900, 10)
    y = torch.sin(x[:, :1] * 1.5) + 0.5 * x[:, 1:2]
    m = nn.Sequential(nn.Linear(10, 48), nn.Tanh(), nn.Linear(48, 1))
    return loop(
        path,
        m,
        nn.MSELoss(),
        torch.optim.SGD(m.parameters(), lr=0.02, momentum=0.9 if fixed else 0.999),
        x,
        y,
        20,
        32,
    )
