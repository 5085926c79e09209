"""discuss.pytorch.org, loss becoming NaN due to torch.log(): log of the zeros of a ReLU within the network. Cure: add an epsilon in the log."""

# ruff: noqa
import copy, torch
from torch import nn
from ..checking import run


class Net(nn.Module):
    def __init__(s, eps):
        super().__init__()
        s.fc1 = nn.Linear(6, 24)
        s.fc2 = nn.Linear(24, 1)
        s.eps = eps

    def forward(s, x):
        t = torch.relu(s.fc1(x))
        return s.fc2(torch.log(t + s.eps) if s.eps else torch.log(t))


def build(fixed):
    torch.manual_seed(0)
    x = torch.rand(300, 6) + 0.1
    y = torch.log(x[:, :1] * x[:, 1:2] / x[:, 2:3])
    net = Net(1e-2 if fixed else 0)
    before = copy.deepcopy(net.state_dict())
    crit = nn.MSELoss()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    hist = []
    for e in range(200):
        s = 0
        q = torch.randperm(300)
        for i in range(0, 300, 30):
            j = q[i : i + 30]
            opt.zero_grad()
            l = crit(net(x[j]), y[j])
            l.backward()
            opt.step()
            s += l.item()
        hist.append(s / 10)
    return dict(
        model=net,
        x=x,
        y=y,
        loss=crit,
        optimizer=opt,
        epochs=200,
        batch_size=30,
        history=hist,
        initial=before,
        metric=f"losses {hist[0]:.3f} {hist[-1]:.4f}, var {y.var():.3f}",
    )


run("nanlog", build)
