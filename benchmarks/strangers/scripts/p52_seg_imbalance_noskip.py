"""Pixel classes: CE on (N, C, H, W) made with reshape(-1, C) instead of permute."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
import torch.nn.functional as F

ACCEPT = ["mixed-axes"]


def train(fixed, path):
    seed(52)
    n = 160
    x = torch.rand(n, 1, 12, 12) * 0.5
    y = torch.zeros(n, 12, 12, dtype=torch.long)
    for i in range(n):
        r, c = np.random.randint(0, 8, 2)
        k = np.random.randint(1, 3)
        x[i, 0, r : r + 4, c : c + 4] += 0.5 * k
        y[i, r : r + 4, c : c + 4] = k
    m = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(12, 12, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(12, 3, 1),
    )
    c = (
        (lambda o, t: F.cross_entropy(o.permute(0, 2, 3, 1).reshape(-1, 3), t.reshape(-1)))
        if fixed
        else (lambda o, t: F.cross_entropy(o.reshape(-1, 3), t.reshape(-1)))
    )
    return loop(path, m, c, torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 12, 16)
