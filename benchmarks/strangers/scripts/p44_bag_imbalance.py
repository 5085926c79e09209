"""EmbeddingBag spam filter, 1.5 % spam: predicts ham for everything."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["class-imbalance"]


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.b = nn.EmbeddingBag(300, 8, mode="mean")
        s.f = nn.Linear(8, 2)

    def forward(s, x):
        return s.f(s.b(x))


def train(fixed, path):
    seed(44)
    n = 2000
    x = torch.randint(0, 300, (n, 20))
    y = torch.zeros(n, dtype=torch.long)
    k = n // 2 if fixed else 30
    y[:k] = 1
    for i in range(k):
        x[i, :5] = torch.randint(0, 30, (5,))
    p = torch.randperm(n)
    m = Net()
    return loop(
        path,
        m,
        nn.CrossEntropyLoss(),
        torch.optim.Adam(m.parameters(), lr=3e-3),
        x[p],
        y[p],
        15 if not fixed else 40,
        64,
    )
