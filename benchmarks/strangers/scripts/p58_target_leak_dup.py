"""Log1p'd targets trained, but softplus head starting at 300: count regression with exp() at
the end and lr too large -> inf.
"""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["non-finite", "unscaled-features", "learning-rate-too-high"]


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.f = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(s, x):
        return torch.exp(s.f(x))


def train(fixed, path):
    seed(58)
    x = torch.randn(800, 5)
    r = torch.exp(0.5 * x[:, :1] + 0.3 * x[:, 1:2] ** 2)
    y = torch.poisson(r)
    x = x if fixed else x * 60 + 200
    m = Net()
    return loop(
        path,
        m,
        nn.PoissonNLLLoss(log_input=False),
        torch.optim.Adam(m.parameters(), lr=3e-3),
        x,
        y,
        25,
        32,
    )
