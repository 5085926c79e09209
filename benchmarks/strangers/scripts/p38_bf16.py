"""Whole model in bfloat16, small steps: updates are lost in rounding."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["precision-risk", "learning-rate-too-low"]


def train(fixed, path):
    seed(38)
    t = torch.float32 if fixed else torch.bfloat16
    x = torch.randn(800, 10).to(t)
    y = (x[:, :1] * 1.5 + x[:, 1:2] * x[:, 2:3]).to(t)
    m = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 1)).to(t)
    return loop(
        path,
        m,
        nn.MSELoss(),
        torch.optim.Adam(m.parameters(), lr=3e-3 if fixed else 3e-4),
        x,
        y,
        30,
        32,
    )
