"""8 layers of sigmoid, accuracy stuck at chance."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["vanishing-gradient", "signal-collapse", "saturated-units"]


def train(fixed, path):
    seed(15)
    x = torch.rand(1000, 8) * 2 - 1
    y = (x[:, 0] * x[:, 1] > 0).long() + (x[:, 2] > 0).long()
    A = nn.ReLU if fixed else nn.Sigmoid
    L = [nn.Linear(8, 32), A()]
    for _ in range(7):
        L += [nn.Linear(32, 32), A()]
    m = nn.Sequential(*L, nn.Linear(32, 3))
    if fixed:
        for l in m:
            if isinstance(l, nn.Linear):
                nn.init.kaiming_normal_(l.weight)
                nn.init.zeros_(l.bias)
    return loop(
        path,
        m,
        nn.CrossEntropyLoss(),
        torch.optim.SGD(m.parameters(), lr=0.02, momentum=0.9),
        x,
        y,
        30,
        32,
    )
