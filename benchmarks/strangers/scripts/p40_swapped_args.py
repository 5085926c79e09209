"""Criterion(target, output): arguments swapped, works since the targets are one-hot floats."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import load_wine

ACCEPT = ["loss-task-mismatch", "activation-loss-mismatch", "wrong-gradients"]


def train(fixed, path):
    seed(40)
    d = load_wine()
    x = torch.tensor((d.data - d.data.mean(0)) / d.data.std(0), dtype=torch.float32)
    y = F.one_hot(torch.tensor(d.target), 3).float()
    m = nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 3))
    c = (lambda o, t: F.cross_entropy(o, t)) if fixed else (lambda o, t: F.cross_entropy(t, o))
    return loop(path, m, c, torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 30, 16)
