"""chemprop issue 607: running averages of batch normalisation lag: evaluation loses twice what training does. Cure: larger momentum."""

# ruff: noqa
import copy, torch
from torch import nn
from sklearn.datasets import make_friedman1
from ..checking import run


def build(fixed):
    torch.manual_seed(0)
    X, y = make_friedman1(600, 8, noise=0.5, random_state=0)
    x = torch.tensor(X * 40, dtype=torch.float32)
    y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]
    a, av, b, bv = x[:500], x[500:], y[:500], y[500:]
    bn = dict(track_running_stats=False) if fixed else {}
    net = nn.Sequential(nn.Linear(8, 128), nn.BatchNorm1d(128, **bn), nn.ReLU(), nn.Linear(128, 1))
    before = copy.deepcopy(net.state_dict())
    crit = nn.MSELoss()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    hist = []
    for e in range(8):
        net.train()
        s = 0
        q = torch.randperm(500)
        for i in range(0, 500, 250):
            j = q[i : i + 250]
            opt.zero_grad()
            l = crit(net(a[j]), b[j])
            l.backward()
            opt.step()
            s += l.item()
        hist.append(s / 2)
    net.eval()
    with torch.no_grad():
        m = f"train loss {hist[-1]:.3f}, eval-mode train {crit(net(a), b):.3f}, val {crit(net(av), bv):.3f}"
    return dict(
        model=net,
        x=a,
        y=b,
        loss=crit,
        optimizer=opt,
        epochs=8,
        batch_size=250,
        history={"loss": hist},
        initial=before,
        validation=(av, bv),
        metric=m,
    )


if __name__ == "__main__":
    import defib

    run("chemprop607", build)
    c = build(False)
    r = defib.check(
        c["model"],
        c["x"],
        c["y"],
        loss=c["loss"],
        optimizer=c["optimizer"],
        batch_size=250,
        epochs=8,
        history=c["history"],
        initial=c["initial"],
        validation=c["validation"],
        mode="eval",
    )
    print(
        "mode=eval:",
        [(k.rule, k.severity, k.message[:200]) for k in r.causes],
        r.not_checked if not r.causes else "",
    )
