"""Conv1d over an embedding without transposing: view(N, E, T) instead of transpose(1, 2)."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["mixed-axes"]


class Net(nn.Module):
    def __init__(s, ok):
        super().__init__()
        s.ok = ok
        s.e = nn.Embedding(40, 12)
        s.c = nn.Conv1d(12, 24, 3, padding=1)
        s.f = nn.Linear(24, 2)

    def forward(s, x):
        h = s.e(x)
        h = h.transpose(1, 2) if s.ok else h.view(-1, 12, x.shape[1])
        return s.f(torch.relu(s.c(h)).amax(2))


def train(fixed, path):
    seed(46)
    n = 900
    x = torch.randint(2, 40, (n, 16))
    y = torch.randint(0, 2, (n,))
    for i in range(n):
        p = np.random.randint(0, 15)
        if y[i]:
            x[i, p], x[i, p + 1] = 0, 1
        else:
            x[i, p] = np.random.randint(0, 2)
    return loop(
        path,
        (m := Net(fixed)),
        nn.CrossEntropyLoss(),
        torch.optim.Adam(m.parameters(), lr=5e-3),
        x,
        y,
        20,
        32,
    )
