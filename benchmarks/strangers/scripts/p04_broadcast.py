"""Regression predicts the mean: out (N,1), y (N,)."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_diabetes

ACCEPT = ["broadcast-target"]


def train(fixed, path):
    seed(4)
    d = load_diabetes()
    x = torch.tensor(d.data, dtype=torch.float32) * 21
    y = torch.tensor((d.target - d.target.mean()) / d.target.std(), dtype=torch.float32)
    if fixed:
        y = y[:, None]
    m = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 1))
    return loop(path, m, nn.MSELoss(), torch.optim.Adam(m.parameters(), lr=2e-3), x, y, 30, 32)
