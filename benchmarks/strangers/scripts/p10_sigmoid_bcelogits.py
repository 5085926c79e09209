"""Multi-label: sigmoid in the model and BCEWithLogitsLoss."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["activation-loss-mismatch"]


def train(fixed, path):
    seed(10)
    x = torch.randn(1000, 20)
    w = torch.randn(20, 6)
    y = ((x @ w + torch.sin(3 * x[:, :6])) > 4).float()
    L = [nn.Linear(20, 48), nn.ReLU(), nn.Linear(48, 6)]
    if not fixed:
        L.append(nn.Sigmoid())
    m = nn.Sequential(*L)
    return loop(
        path, m, nn.BCEWithLogitsLoss(), torch.optim.Adam(m.parameters(), lr=3e-3), x, y, 20, 32
    )
