"""discuss.analyticsvidhya.com 65145: sorted data, the tail of which is held out. Cure: shuffle before splitting."""

# ruff: noqa
import copy, torch, numpy as np
from torch import nn
from sklearn.datasets import make_classification
from ..checking import run


def build(fixed):
    torch.manual_seed(0)
    X, Y = make_classification(
        2000, 20, n_informative=4, class_sep=0.6, weights=[0.54], flip_y=0.05, random_state=0
    )
    o = np.random.RandomState(0).permutation(2000) if fixed else np.argsort(Y, kind="stable")
    k = 1400
    if not fixed:
        k = 1400
        o = o[300:] if False else o
    x = torch.tensor(X[o], dtype=torch.float32)
    y = torch.tensor(Y[o], dtype=torch.float32)[:, None]
    a, av, b, bv = x[:k], x[k:], y[:k], y[k:]
    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 1))
    before = copy.deepcopy(net.state_dict())
    crit = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    hist = []
    for e in range(20):
        s = 0
        q = torch.randperm(k)
        for i in range(0, k, 128):
            j = q[i : i + 128]
            opt.zero_grad()
            l = crit(net(a[j]), b[j])
            l.backward()
            opt.step()
            s += l.item() * len(j)
        hist.append(s / k)
    acc = lambda u, v: ((net(u) > 0) == v).float().mean().item()
    return dict(
        model=net,
        x=a,
        y=b,
        loss=crit,
        optimizer=opt,
        epochs=20,
        batch_size=128,
        history=hist,
        initial=before,
        validation=(av, bv),
        metric=f"train acc {acc(a, b):.3f}, val acc {acc(av, bv):.3f}; share of ones {b.mean():.2f} / {bv.mean():.2f}",
    )


run("av65145", build)
