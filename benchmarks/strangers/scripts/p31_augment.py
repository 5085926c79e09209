"""Noise 'augmentation' with std 5 on unit features."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["loop-mismatch", "history-mismatch"]


def train(fixed, path):
    seed(31)
    x = torch.randn(900, 10)
    y = (x[:, :2].prod(1) + x[:, 2] > 0).long()
    m = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    s = 0.05 if fixed else 5.0
    return loop(
        path,
        m,
        nn.CrossEntropyLoss(),
        torch.optim.Adam(m.parameters(), lr=2e-3),
        x,
        y,
        25,
        32,
        augment=lambda b: b + s * torch.randn_like(b),
    )
