"""ck37/coral-ordinal issue 6: the validation inputs were shuffled, their labels were not. Cure: shuffle both alike."""

# ruff: noqa
import copy, torch, numpy as np
from torch import nn
from sklearn.datasets import load_digits
from ..checking import run


def build(fixed):
    torch.manual_seed(0)
    d = load_digits()
    x = torch.tensor(d.data / 16, dtype=torch.float32)
    y = torch.tensor(d.target)
    a, av, b, bv = x[:1400], x[1400:], y[:1400], y[1400:]
    if not fixed:
        av = av[torch.randperm(len(av), generator=torch.Generator().manual_seed(3))]
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    before = copy.deepcopy(net.state_dict())
    crit = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    hist = []
    for e in range(20):
        s = 0
        q = torch.randperm(1400)
        for i in range(0, 1400, 50):
            j = q[i : i + 50]
            opt.zero_grad()
            l = crit(net(a[j]), b[j])
            l.backward()
            opt.step()
            s += l.item()
        hist.append(s / 28)
    return dict(
        model=net,
        x=a,
        y=b,
        loss=crit,
        optimizer=opt,
        epochs=20,
        batch_size=50,
        history=hist,
        initial=before,
        validation=(av, bv),
        metric=f"train acc {(net(a).argmax(1) == b).float().mean():.3f}, val acc {(net(av).argmax(1) == bv).float().mean():.3f}",
    )


run("coral6", build)
