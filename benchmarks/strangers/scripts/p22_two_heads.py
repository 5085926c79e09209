"""Age (years, 20..90, squared) and a class: the squared error of the raw age drowns the
classification.
"""

# ruff: noqa
from ..torch_loop import *
from torch import nn
import torch.nn.functional as F

ACCEPT = ["unscaled-targets"]


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.body = nn.Sequential(nn.Linear(10, 32), nn.ReLU())
        s.income = nn.Linear(32, 1)
        s.cls = nn.Linear(32, 3)

    def forward(s, x):
        h = s.body(x)
        return s.income(h), s.cls(h)


def train(fixed, path):
    seed(22)
    x = torch.randn(900, 10)
    inc = 52000 + 9000 * x[:, :1] + 5000 * torch.sin(2 * x[:, 1:2])
    c = (x[:, 2:5]).argmax(1)
    if fixed:
        inc = (inc - inc.mean()) / inc.std()
    m = Net()
    o = torch.optim.Adam(m.parameters(), lr=3e-3)
    losses = [nn.MSELoss(), nn.CrossEntropyLoss()]
    rec = defib.Recorder(path, m, loss=losses, optimizer=o)
    for e in range(20):
        p = torch.randperm(900)
        for i in range(0, 900, 32):
            b = p[i : i + 32]
            a, l = m(x[b])
            loss = losses[0](a, inc[b]) + losses[1](l, c[b])
            o.zero_grad()
            loss.backward()
            o.step()
            rec.step(loss)
    print("   loss", loss.item())
    rec.finish(x, [inc, c])
    return path
