"""Reduction='sum' with a learning rate for the mean."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["loss-reduction", "learning-rate-too-high"]


def train(fixed, path):
    seed(36)
    x = torch.randn(1024, 10)
    y = torch.tanh(x @ torch.randn(10, 3)) + 0.05 * torch.randn(1024, 3)
    m = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 3))
    return loop(
        path,
        m,
        nn.MSELoss(reduction="mean" if fixed else "sum"),
        torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9),
        x,
        y,
        25,
        128,
    )
