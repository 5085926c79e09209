"""Softmax used as the activation of the hidden layers."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["hidden-softmax"]


def train(fixed, path):
    seed(43)
    d = load_digits()
    x = torch.tensor((d.data[:1200] - 5) / 6.0, dtype=torch.float32)
    y = torch.tensor(d.target[:1200])
    A = (lambda: nn.ReLU()) if fixed else (lambda: nn.Softmax(dim=1))
    m = nn.Sequential(nn.Linear(64, 64), A(), nn.Linear(64, 32), A(), nn.Linear(32, 10))
    return loop(
        path, m, nn.CrossEntropyLoss(), torch.optim.Adam(m.parameters(), lr=1e-3), x, y, 20, 32
    )
