"""zjunlp/HVPNeT issue 5: the head was not given to the optimizer. Cure: give it all parameters."""

# ruff: noqa
import copy, torch
from torch import nn
from sklearn.datasets import load_digits
from ..checking import run


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.body = nn.Sequential(nn.Linear(64, 12), nn.Sigmoid())
        s.fc = nn.Linear(12, 10)

    def forward(s, x):
        return s.fc(s.body(x))


def build(fixed):
    torch.manual_seed(0)
    d = load_digits()
    x = torch.tensor(d.data / 16, dtype=torch.float32)
    y = torch.tensor(d.target)
    a, av, b, bv = x[:1400], x[1400:], y[:1400], y[1400:]
    net = Net()
    before = copy.deepcopy(net.state_dict())
    crit = nn.CrossEntropyLoss()
    hist = []
    groups = [{"params": net.body.parameters(), "lr": 3e-3}] + (
        [{"params": net.fc.parameters(), "lr": 3e-3}] if fixed else []
    )
    opt = torch.optim.AdamW(groups, weight_decay=1e-2)
    for e in range(60):
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
        epochs=60,
        batch_size=50,
        history=hist,
        initial=before,
        validation=(av, bv),
        metric=f"loss {hist[-1]:.3f}, val acc {(net(av).argmax(1) == bv).float().mean():.3f}",
    )


run("hvpnet5", build)
