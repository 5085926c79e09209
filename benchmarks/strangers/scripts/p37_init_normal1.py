"""Nn.init.normal_(w) with std 1 in a 5-layer relu net: huge first loss."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["initialization-scale", "exploding-gradient"]


def train(fixed, path):
    seed(37)
    x = torch.randn(800, 20)
    y = (x[:, :3].sum(1) + x[:, 3] * x[:, 4] > 0).long()
    L = []
    d = 20
    for _ in range(5):
        L += [nn.Linear(d, 128), nn.ReLU()]
        d = 128
    m = nn.Sequential(*L, nn.Linear(128, 2))
    for l in m:
        if isinstance(l, nn.Linear):
            if fixed:
                nn.init.kaiming_normal_(l.weight)
            else:
                nn.init.normal_(l.weight)
    return loop(
        path, m, nn.CrossEntropyLoss(), torch.optim.SGD(m.parameters(), lr=0.01), x, y, 20, 32
    )
