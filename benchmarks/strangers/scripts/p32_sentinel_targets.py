"""1 % of the targets are -999 (sensor missing), GRU regression."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["target-outliers"]


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.g = nn.GRU(2, 16, batch_first=True)
        s.f = nn.Linear(16, 1)

    def forward(s, x):
        return s.f(s.g(x)[1][-1])


def train(fixed, path):
    seed(32)
    x = torch.randn(700, 8, 2)
    y = x[:, -3:, 0].sum(1, keepdim=True) * 0.5
    if not fixed:
        y[torch.randperm(700)[:7]] = -999
    m = Net()
    return loop(path, m, nn.MSELoss(), torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 25, 32)
