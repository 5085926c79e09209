"""discuss.pytorch.org 180059: two targets of very unlike scale under one squared error. Cure: scale each target."""

# ruff: noqa
import copy, torch
from torch import nn
from ..checking import run


def build(fixed):
    g = torch.Generator().manual_seed(0)
    x = torch.randn(1200, 6, generator=g)
    gpp = (
        0.4
        + 0.25 * torch.sin(2 * x[:, 0]) * torch.sigmoid(x[:, 1])
        + 0.02 * torch.randn(1200, generator=g)
    )
    et = -22 + 15 * torch.tanh(x[:, 2]) + 10 * x[:, 3] * x[:, 4] + torch.randn(1200, generator=g)
    y = torch.stack([gpp, et], 1)
    if fixed:
        y = (y - y.mean(0)) / y.std(0)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    before = copy.deepcopy(net.state_dict())
    a, av, b, bv = x[:1000], x[1000:], y[:1000], y[1000:]
    crit = nn.MSELoss()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    hist = []
    for e in range(60):
        s = 0
        p = torch.randperm(1000)
        for i in range(0, 1000, 50):
            j = p[i : i + 50]
            opt.zero_grad()
            l = crit(net(a[j]), b[j])
            l.backward()
            opt.step()
            s += l.item()
        hist.append(s / 20)
    with torch.no_grad():
        q = net(av)
        r2 = 1 - ((q - bv) ** 2).mean(0) / bv.var(0)
    return dict(
        model=net,
        x=a,
        y=b,
        loss=crit,
        optimizer=opt,
        epochs=60,
        batch_size=50,
        history=hist,
        initial=before,
        validation=(av, bv),
        metric=f"val R2 gpp {r2[0]:.3f}, et {r2[1]:.3f}",
    )


run("disc180059", build)
