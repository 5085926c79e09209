"""Multi-task weighting: auxiliary loss times 1000 drowns the main one."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
import torch.nn.functional as F

ACCEPT = ["unlearned-output", "unscaled-targets", "loss-at-baseline"]


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.b = nn.Sequential(nn.Linear(12, 24), nn.ReLU())
        s.m = nn.Linear(24, 1)
        s.a = nn.Linear(24, 1)

    def forward(s, x):
        h = s.b(x)
        return s.m(h), s.a(h)


def train(fixed, path):
    seed(57)
    x = torch.randn(900, 12)
    y = torch.sin(x[:, :1]) + x[:, 1:2]
    a = torch.randn(900, 1)
    w = 1e-2 if fixed else 1e3
    m = Net()
    o = torch.optim.SGD(m.parameters(), lr=0.02 if fixed else 2e-5, momentum=0.9)
    L = [nn.MSELoss(), (nn.MSELoss(), w)]
    r = defib.Recorder(path, m, loss=L, optimizer=o)
    for e in range(30):
        for b in torch.randperm(900).split(32):
            p, q = m(x[b])
            l = F.mse_loss(p, y[b]) + w * F.mse_loss(q, a[b])
            o.zero_grad()
            l.backward()
            o.step()
            r.step(l)
    print("   main", F.mse_loss(m(x)[0], y).item())
    r.finish(x, [y, a])
    return path
