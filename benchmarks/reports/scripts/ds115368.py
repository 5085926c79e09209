"""datascience.stackexchange 115368: targets of shape (N,) against outputs (N,1). Cure: y[:, None]."""

# ruff: noqa
import copy, torch, numpy as np
from torch import nn
from sklearn.model_selection import train_test_split
from ..checking import run


def build(fixed):
    torch.manual_seed(0)
    np.random.seed(0)
    x = np.random.random(1000)
    y = np.random.random(1000)
    z = x**2 + y**2
    X = torch.Tensor(np.transpose([x, y]))
    Z = torch.Tensor(z)
    if fixed:
        Z = Z.view(-1, 1)
    a, av, b, bv = train_test_split(X, Z, random_state=42, test_size=0.15)
    net = nn.Sequential(nn.Linear(2, 10), nn.ReLU(), nn.Linear(10, 5), nn.ReLU(), nn.Linear(5, 1))
    before = copy.deepcopy(net.state_dict())
    crit = nn.MSELoss()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    hist = []
    for t in range(1000):
        opt.zero_grad()
        loss = crit(net(a), b)
        loss.backward()
        opt.step()
        hist.append(loss.item())
    p = net(av).squeeze()
    return dict(
        model=net,
        x=a,
        y=b,
        loss=crit,
        optimizer=opt,
        epochs=1000,
        batch_size=len(a),
        history=hist,
        initial=before,
        validation=(av, bv),
        metric=f"val R2 {1 - ((p - bv.squeeze()) ** 2).mean().item() / bv.var().item():.3f}, sd of predictions {p.std().item():.3g}",
    )


run("ds115368", build)
