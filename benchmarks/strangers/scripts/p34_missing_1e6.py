"""Missing values coded 1e6 in 0.5 % of one feature."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["feature-outliers", "unscaled-features"]


def train(fixed, path):
    seed(34)
    x = torch.randn(1000, 8)
    y = (x[:, 0] + x[:, 1] * x[:, 2] > 0).float()[:, None]
    x = x.clone()
    x[torch.randperm(1000)[:5], 3] = 0.0 if fixed else 1e6
    m = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    return loop(
        path, m, nn.BCEWithLogitsLoss(), torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 25, 32
    )
