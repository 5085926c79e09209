"""Autoencoder with sigmoid output on pixels 0..16 and MSE."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["bounded-output", "saturated-units"]


def train(fixed, path):
    seed(24)
    d = load_digits()
    x = torch.tensor(d.data[:1000], dtype=torch.float32)
    if fixed:
        x = x / 16
    m = nn.Sequential(
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 8),
        nn.ReLU(),
        nn.Linear(8, 32),
        nn.ReLU(),
        nn.Linear(32, 64),
        nn.Sigmoid(),
    )
    return loop(
        path, m, nn.MSELoss(), torch.optim.Adam(m.parameters(), lr=3e-3), x, x.clone(), 25, 32
    )
