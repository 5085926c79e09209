"""L1Loss on 0/1 labels with 25 % positives and sigmoid: everything goes to 0."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["loss-task-mismatch"]


def train(fixed, path):
    seed(55)
    x = torch.randn(1000, 10)
    s = x[:, 0] + x[:, 1] * x[:, 2] + 0.7 * torch.randn(1000)
    y = (s > s.quantile(0.75)).float()[:, None]
    m = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    return loop(
        path,
        m,
        nn.BCELoss() if fixed else nn.L1Loss(),
        torch.optim.Adam(m.parameters(), lr=3e-3),
        x,
        y,
        15,
        32,
    )
