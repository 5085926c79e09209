"""torch/optim issue 164: the gradient vanishes through 23 tanh layers of default initialisation. Cure: fewer layers, or better initialisation."""

# ruff: noqa
import copy, torch
from torch import nn
from ..checking import run


def build(fixed):
    torch.manual_seed(0)
    t = torch.arange(0, 1100.0)
    s = (
        torch.sin(t * 2 * 3.14159 / 24)
        + 0.5 * torch.sin(t * 2 * 3.14159 / 168)
        + 0.05 * torch.randn(1100)
    )
    x = torch.stack([s[i : i + 24] for i in range(1000)])
    y = torch.stack([s[i + 24 : i + 48] for i in range(1000)])
    a, av, b, bv = x[:800], x[850:], y[:800], y[850:]
    n = 2 if fixed else 23
    L = []
    for i in range(n):
        L += [nn.Linear(24, 24), nn.Tanh()]
    net = nn.Sequential(*L, nn.Linear(24, 24))
    before = copy.deepcopy(net.state_dict())
    crit = nn.MSELoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    hist = []
    for e in range(150):
        z = 0
        q = torch.randperm(800)
        for i in range(0, 800, 40):
            j = q[i : i + 40]
            opt.zero_grad()
            l = crit(net(a[j]), b[j])
            l.backward()
            opt.step()
            z += l.item()
        hist.append(z / 20)
    p = net(av)
    return dict(
        model=net,
        x=a,
        y=b,
        loss=crit,
        optimizer=opt,
        epochs=150,
        batch_size=40,
        history=hist,
        initial=before,
        validation=(av, bv),
        metric=f"loss {hist[0]:.3f}->{hist[-1]:.3f}, val R2 {1 - ((p - bv) ** 2).mean().item() / bv.var().item():.3f}",
    )


run("optim164", build)
