"""Hidden layers in a plain python list."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["unregistered-parameters"]


class Net(nn.Module):
    def __init__(s, ok):
        super().__init__()
        s.inp = nn.Linear(6, 24)
        L = [nn.Linear(24, 24) for _ in range(3)]
        s.hidden = nn.ModuleList(L) if ok else L
        s.out = nn.Linear(24, 1)

    def forward(s, x):
        x = torch.tanh(s.inp(x))
        for l in s.hidden:
            x = torch.tanh(l(x))
        return s.out(x)


def train(fixed, path):
    seed(29)
    x = torch.randn(800, 6)
    y = torch.sin(2 * x[:, :1]) * x[:, 1:2] + x[:, 2:3].abs()
    m = Net(fixed)
    return loop(path, m, nn.MSELoss(), torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 50, 32)
