"""stackoverflow 67248908: loss.backward() is never called, and (N,1) meets (N,) in the loss. Cure: call backward(); same shapes."""

# ruff: noqa
import copy, torch
from torch import nn
from ..checking import run


def build(fixed):
    torch.manual_seed(0)
    X = torch.rand(1000, 2, requires_grad=True)
    y = X[:, 0] + X[:, 1]
    net = nn.Sequential(nn.Linear(2, 1))
    before = copy.deepcopy(net.state_dict())
    crit = nn.MSELoss()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    hist = []
    if fixed:
        X = X.detach()
        y = y.detach().view(-1, 1)
    for t in range(2000 if fixed else 500):
        loss = crit(net(X), y)
        hist.append(loss.item())
        opt.zero_grad()
        if fixed:
            loss.backward()
        opt.step()
    return dict(
        model=net,
        x=X,
        y=y,
        loss=crit,
        optimizer=opt,
        epochs=len(hist),
        history=hist,
        initial=before,
        batch_size=1000,
        metric=f"mse {((net(X).squeeze() - y.squeeze()) ** 2).mean().item():.4g}",
    )


run("so67248908", build)
