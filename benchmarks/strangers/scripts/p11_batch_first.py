"""Batch_first forgotten, x is (N, T, F)."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["coupled-samples", "mixed-axes", "order-blind"]


class Net(nn.Module):
    def __init__(s, bf):
        super().__init__()
        s.lstm = nn.LSTM(3, 24, batch_first=bf)
        s.fc = nn.Linear(24, 1)

    def forward(s, x):
        o, _ = s.lstm(x)
        return s.fc(o[:, -1])


def train(fixed, path):
    seed(11)
    x = torch.randn(800, 12, 3)
    y = (
        x[:, :, 0].cumsum(1)[:, -6:].mean(1, keepdim=True) * 0.6
        + x[:, 2:5, 1].sum(1, keepdim=True) * 0.4
    )
    m = Net(fixed)
    return loop(path, m, nn.MSELoss(), torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 25, 32)
