"""Own BCE with log(p) and no eps; raw features: NaN after some steps."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_breast_cancer

ACCEPT = ["non-finite", "unscaled-features"]


def train(fixed, path):
    seed(26)
    d = load_breast_cancer()
    x = torch.tensor(d.data, dtype=torch.float32)
    y = torch.tensor(d.target, dtype=torch.float32)[:, None]
    if fixed:
        x = (x - x.mean(0)) / x.std(0)
    m = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())

    def bce(o, t):
        return -(t * torch.log(o) + (1 - t) * torch.log(1 - o)).mean()

    def bce_ok(o, t):
        o = o.clamp(1e-6, 1 - 1e-6)
        return -(t * torch.log(o) + (1 - t) * torch.log(1 - o)).mean()

    return loop(
        path, m, bce_ok if fixed else bce, torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 20, 32
    )
