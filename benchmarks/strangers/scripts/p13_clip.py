"""Clip_grad_norm_(1e-6) copied from somewhere, SGD."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["clipped-gradients"]


def train(fixed, path):
    seed(13)
    x = torch.randn(900, 15)
    y = torch.tanh(x[:, :3].sum(1, keepdim=True)) + 0.5 * x[:, 3:4] * x[:, 4:5]
    m = nn.Sequential(nn.Linear(15, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))
    return loop(
        path,
        m,
        nn.MSELoss(),
        torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9),
        x,
        y,
        25,
        32,
        clip=5.0 if fixed else 1e-6,
    )
