"""discuss.pytorch.org July 2020, failing to learn a quadratic function: inputs of 30..50 as they are, and 200 updates of 1e-5. Cure: standardise, a larger rate."""

# ruff: noqa
import copy, torch
from torch import nn
from ..checking import run

f = lambda x: x * x / 64 - 5 * x / 4 + 25


def build(fixed):
    torch.manual_seed(0)
    x = torch.arange(30.0, 51)[:, None]
    y = f(x)
    if fixed:
        x = (x - x.mean()) / x.std()
    net = nn.Sequential(
        nn.Linear(1, 1000),
        nn.ReLU(),
        nn.Linear(1000, 1000),
        nn.ReLU(),
        nn.Linear(1000, 1000),
        nn.ReLU(),
        nn.Linear(1000, 1),
    )
    before = copy.deepcopy(net.state_dict())
    opt = torch.optim.Adam(net.parameters(), lr=1e-4 if fixed else 1e-5)
    crit = nn.L1Loss(reduction="sum")
    hist = []
    for e in range(199):
        opt.zero_grad()
        l = crit(net(x), y)
        l.backward()
        opt.step()
        hist.append(l.item())
    p = net(x).detach()
    return dict(
        model=net,
        x=x,
        y=y,
        loss=crit,
        optimizer=opt,
        epochs=199,
        batch_size=21,
        history=hist,
        initial=before,
        metric=f"R2 {1 - ((p - y) ** 2).mean().item() / y.var().item():.3f}, at ends {p[0].item():.2f} {p[10].item():.2f} {p[20].item():.2f}",
    )


run("hgfedcba", build)
