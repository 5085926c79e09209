"""The optimizer (Adam) is created anew inside the batch loop, and the model is re-created each
epoch by accident: here lr warm-up from 0 that never rises.
"""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["decayed-learning-rate", "learning-rate-too-low"]


def train(fixed, path):
    seed(54)
    x = torch.randn(900, 8)
    y = (x[:, 0] * x[:, 1] > 0).float()[:, None]
    m = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
    o = torch.optim.Adam(m.parameters(), lr=3e-3)
    s = torch.optim.lr_scheduler.LambdaLR(
        o, lambda k: min(1.0, (k + 1) / (50 if fixed else 100000))
    )
    return loop(path, m, nn.BCEWithLogitsLoss(), o, x, y, 30, 32, sched=s, each="batch")
