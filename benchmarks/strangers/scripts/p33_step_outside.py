"""Optimizer.step() indented one level too little: one update per epoch, of the last batch."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["loop-mismatch", "too-few-updates", "wrong-gradients"]


def train(fixed, path):
    seed(33)
    x = torch.randn(900, 8)
    y = torch.sin(x[:, :1]) + x[:, 1:2] ** 2
    m = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    o = torch.optim.Adam(m.parameters(), lr=3e-3)
    c = nn.MSELoss()
    r = defib.Recorder(path, m, loss=c, optimizer=o)
    for e in range(30):
        p = torch.randperm(900)
        for i in range(0, 900, 32):
            l = c(m(x[p[i : i + 32]]), y[p[i : i + 32]])
            o.zero_grad()
            l.backward()
            if fixed:
                o.step()
            r.step(l)
        if not fixed:
            o.step()
    print("   loss", l.item())
    r.finish(x, y)
    return path
