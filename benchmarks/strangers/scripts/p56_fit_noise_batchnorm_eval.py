"""BatchNorm momentum 0.001: running statistics never catch up, validation in eval mode is bad."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["stale-normalization"]


def train(fixed, path):
    seed(56)
    d = load_digits()
    x = torch.tensor(d.images[:1300, None] * 3 + 20, dtype=torch.float32)
    y = torch.tensor(d.target[:1300])
    k = 0.1 if fixed else 0.0005
    m = nn.Sequential(
        nn.BatchNorm2d(1, momentum=k),
        nn.Conv2d(1, 8, 3),
        nn.BatchNorm2d(8, momentum=k),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(288, 10),
    )
    return loop(
        path,
        m,
        nn.CrossEntropyLoss(),
        torch.optim.Adam(m.parameters(), lr=3e-3),
        x[:1000],
        y[:1000],
        12,
        32,
        val=(x[1000:], y[1000:]),
        drop_last=False,
    )
