"""Nn.RNN with relu over 120 steps, weights initialised with xavier*2: loss NaN."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["unstable-recurrence", "exploding-gradient", "initialization-scale"]


class Net(nn.Module):
    def __init__(s, ok):
        super().__init__()
        s.r = (
            nn.GRU(1, 24, batch_first=True)
            if ok
            else nn.RNN(1, 24, nonlinearity="relu", batch_first=True)
        )
        s.f = nn.Linear(24, 1)
        if not ok:
            nn.init.normal_(s.r.weight_hh_l0, 0, 0.35)

    def forward(s, x):
        return s.f(s.r(x)[0][:, -1])


def train(fixed, path):
    seed(59)
    x = torch.randn(320, 100, 1) * 0.5
    y = x[:, -10:, 0].sum(1, keepdim=True) * 0.5
    m = Net(fixed)
    return loop(
        path,
        m,
        nn.MSELoss(),
        torch.optim.Adam(m.parameters(), lr=1e-2 if fixed else 1e-3),
        x,
        y,
        12,
        32,
    )
