"""Siamese: the L1 distance itself is the logit for BCEWithLogits (1 = same): p is never below
0.5.
"""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["activation-loss-mismatch", "bounded-output"]


class Net(nn.Module):
    def __init__(s, ok):
        super().__init__()
        s.ok = ok
        s.f = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 16))
        if ok:
            s.o = nn.Linear(16, 1)

    def forward(s, a, b):
        d = (s.f(a) - s.f(b)).abs()
        return s.o(d) if s.ok else d.mean(1, keepdim=True)


def train(fixed, path):
    seed(39)
    d = load_digits()
    X = torch.tensor(d.data / 16.0, dtype=torch.float32)
    t = d.target
    n = 1000
    i = np.random.randint(0, 1700, n)
    j = np.array(
        [
            np.random.choice(np.where((t == t[k]) if np.random.rand() < 0.5 else (t != t[k]))[0])
            for k in i
        ]
    )
    y = torch.tensor(t[i] == t[j]).float()[:, None]
    a, b = X[i], X[j]
    m = Net(fixed)
    o = torch.optim.Adam(m.parameters(), lr=2e-3)
    c = nn.BCEWithLogitsLoss()
    r = defib.Recorder(path, m, loss=c, optimizer=o)
    for e in range(25):
        p = torch.randperm(n)
        for k in range(0, n, 32):
            q = p[k : k + 32]
            l = c(m(a[q], b[q]), y[q])
            o.zero_grad()
            l.backward()
            o.step()
            r.step(l)
    print("   loss", l.item())
    r.finish([a, b], y)
    return path
