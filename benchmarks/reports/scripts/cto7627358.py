"""blog.51cto.com 7627358: a first layer of one unit, and dropout of one half three times. Cure: widen the layer, drop the dropout."""

# ruff: noqa
import copy, torch, numpy as np
from torch import nn
from sklearn.datasets import make_friedman1
from ..checking import run


def build(fixed):
    torch.manual_seed(0)
    X, y = make_friedman1(400, 7, noise=0.5, random_state=0)
    x = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
    y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]
    a, av, b, bv = x[:300], x[300:], y[:300], y[300:]

    def blk(i, o):
        return [nn.Linear(i, o), nn.BatchNorm1d(o), nn.ReLU()] + (
            [] if fixed else [nn.Dropout(0.5)]
        )

    h = 100 if fixed else 1
    net = nn.Sequential(*blk(7, h), *blk(h, 100), *blk(100, 150), nn.Linear(150, 1))
    before = copy.deepcopy(net.state_dict())
    crit = nn.MSELoss()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    hist = []
    for e in range(100):
        net.train()
        s = 0
        p = torch.randperm(300)
        for i in range(0, 300, 30):
            j = p[i : i + 30]
            opt.zero_grad()
            l = crit(net(a[j]), b[j])
            l.backward()
            opt.step()
            s += l.item()
        hist.append(s / 10)
    net.eval()
    with torch.no_grad():
        r = lambda u, v: 1 - ((net(u) - v) ** 2).mean().item() / v.var().item()
        m = f"R2 train {r(a, b):.3f}, val {r(av, bv):.3f}, sd of predictions {net(a).std():.3f}"
    return dict(
        model=net,
        x=a,
        y=b,
        loss=crit,
        optimizer=opt,
        epochs=100,
        batch_size=30,
        history=hist,
        initial=before,
        validation=(av, bv),
        metric=m,
    )


run("cto7627358", build)
