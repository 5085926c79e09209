"""Nn.init.constant_(w, 0.1) in every layer."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["constant-weights", "symmetric-units"]


def train(fixed, path):
    seed(16)
    d = load_digits()
    x = torch.tensor(d.data[:1200] / 16.0, dtype=torch.float32)
    y = torch.tensor(d.target[:1200])
    m = nn.Sequential(nn.Linear(64, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 10))
    for l in m:
        if isinstance(l, nn.Linear):
            if fixed:
                nn.init.xavier_uniform_(l.weight)
            else:
                nn.init.constant_(l.weight, 0.1)
            nn.init.zeros_(l.bias)
    return loop(
        path, m, nn.CrossEntropyLoss(), torch.optim.Adam(m.parameters(), lr=2e-3), x, y, 12, 32
    )
