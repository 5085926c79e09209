"""'My loss first goes down and then jumps around and explodes' - zero_grad forgotten."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["accumulated-gradients"]


def train(fixed, path):
    seed(1)
    x = torch.randn(1200, 12)
    w = torch.randn(12, 4)
    y = (torch.sin(x) @ w + 0.3 * torch.randn(1200, 4)).argmax(1)
    m = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
    return loop(
        path,
        m,
        nn.CrossEntropyLoss(),
        torch.optim.SGD(m.parameters(), lr=0.05),
        x,
        y,
        20,
        32,
        zero=fixed,
    )
