"""Tanh on the last layer before CrossEntropyLoss: loss cannot get below a floor."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["activation-loss-mismatch", "bounded-output"]


def train(fixed, path):
    seed(35)
    d = load_digits()
    x = torch.tensor((d.data[:1200] - 8) / 8.0, dtype=torch.float32)
    y = torch.tensor(d.target[:1200])
    L = [nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10)]
    if not fixed:
        L.append(nn.Tanh())
    m = nn.Sequential(*L)
    return loop(
        path, m, nn.CrossEntropyLoss(), torch.optim.Adam(m.parameters(), lr=3e-3), x, y, 20, 32
    )
