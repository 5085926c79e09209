"""Two-stage net: a soft gate made hard with round(): no gradient into the gate."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["zero-gradient", "detached-parameters", "unchanged-weights"]


class Net(nn.Module):
    def __init__(s, ok):
        super().__init__()
        s.ok = ok
        s.a = nn.Linear(8, 24)
        s.g = nn.Linear(8, 24)
        s.o = nn.Linear(24, 1)

    def forward(s, x):
        g = torch.sigmoid(s.g(x))
        g = g if s.ok else torch.round(g)
        return s.o(s.a(x) * g)


def train(fixed, path):
    seed(50)
    x = torch.randn(900, 8)
    y = torch.where(x[:, :1] > 0, x[:, 1:2], -x[:, 2:3])
    m = Net(fixed)
    return loop(path, m, nn.MSELoss(), torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 30, 32)
