"""BVLC/caffe issue 1396: weight decay of 0.5. Cure: 5e-4."""

# ruff: noqa
import copy, torch
from torch import nn
from sklearn.datasets import make_friedman1
from ..checking import run


def build(fixed):
    torch.manual_seed(0)
    X, y = make_friedman1(600, 8, noise=0.5, random_state=0)
    x = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
    y = torch.tensor(y / 30, dtype=torch.float32)[:, None]
    a, av, b, bv = x[:500], x[500:], y[:500], y[500:]
    net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    before = copy.deepcopy(net.state_dict())
    crit = nn.MSELoss()
    opt = torch.optim.SGD(
        net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4 if fixed else 0.5
    )
    hist = []
    for e in range(100):
        s = 0
        q = torch.randperm(500)
        for i in range(0, 500, 50):
            j = q[i : i + 50]
            opt.zero_grad()
            l = crit(net(a[j]), b[j])
            l.backward()
            opt.step()
            s += l.item()
        hist.append(s / 10)
    p = net(av)
    return dict(
        model=net,
        x=a,
        y=b,
        loss=crit,
        optimizer=opt,
        epochs=100,
        batch_size=50,
        history=hist,
        initial=before,
        validation=(av, bv),
        metric=f"val R2 {1 - ((p - bv) ** 2).mean().item() / bv.var().item():.3f}, sd of predictions {p.std().item():.3g}",
    )


run("caffe1396", build)
