"""Transformer encoder without positions: which came first, token 1 or token 2?."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["order-blind"]


class Net(nn.Module):
    def __init__(s, pos):
        super().__init__()
        s.use = pos
        s.emb = nn.Embedding(12, 24)
        if pos:
            s.pos = nn.Parameter(torch.randn(10, 24) * 0.3)
        s.enc = nn.TransformerEncoderLayer(24, 4, 48, dropout=0.0, batch_first=True)
        s.fc = nn.Linear(24, 2)

    def forward(s, x):
        h = s.emb(x)
        if s.use:
            h = h + s.pos
        return s.fc(s.enc(h).mean(1))


def train(fixed, path):
    seed(25)
    n = 900
    x = torch.randint(3, 12, (n, 10))
    y = torch.zeros(n, dtype=torch.long)
    for i in range(n):
        a, b = np.random.permutation(10)[:2]
        x[i, a] = 1
        x[i, b] = 2
        y[i] = int(a < b)
    m = Net(fixed)
    return loop(
        path, m, nn.CrossEntropyLoss(), torch.optim.Adam(m.parameters(), lr=3e-3), x, y, 20, 32
    )
