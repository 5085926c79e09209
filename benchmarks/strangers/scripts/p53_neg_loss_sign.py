"""Cosine similarity maximised instead of minimised distance: loss = cos(o, t).mean() (sign
forgotten).
"""

# ruff: noqa
from ..torch_loop import *
from torch import nn
import torch.nn.functional as F

ACCEPT = ["loss-task-mismatch", "wrong-gradients", "loss-at-baseline"]


def train(fixed, path):
    seed(53)
    x = torch.randn(800, 10)
    y = torch.tanh(x @ torch.randn(10, 5))
    m = nn.Sequential(nn.Linear(10, 48), nn.ReLU(), nn.Linear(48, 5))
    c = (
        (lambda o, t: 1 - F.cosine_similarity(o, t, dim=1).mean())
        if fixed
        else (lambda o, t: 1 + F.cosine_similarity(o, t, dim=1).mean())
    )
    return loop(path, m, c, torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 20, 32)
