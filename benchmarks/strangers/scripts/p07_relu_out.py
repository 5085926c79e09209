"""F.relu on the last layer, standardized target: half of the targets are negative."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import make_friedman1

ACCEPT = ["bounded-output"]


class Net(nn.Module):
    def __init__(s, r):
        super().__init__()
        s.r = r
        s.a = nn.Linear(10, 64)
        s.b = nn.Linear(64, 32)
        s.c = nn.Linear(32, 1)

    def forward(s, x):
        x = s.c(torch.relu(s.b(torch.relu(s.a(x)))))
        return torch.relu(x) if s.r else x


def train(fixed, path):
    seed(7)
    x, y = make_friedman1(800, noise=0.5, random_state=0)
    x = (x - 0.5) / 0.29
    y = (y - y.mean()) / y.std()
    m = Net(not fixed)
    return loop(
        path,
        m,
        nn.MSELoss(),
        torch.optim.Adam(m.parameters(), lr=2e-3),
        torch.tensor(x, dtype=torch.float32),
        torch.tensor(y, dtype=torch.float32)[:, None],
        30,
        32,
    )
