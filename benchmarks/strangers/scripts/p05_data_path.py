"""Encoder output goes through .data before the classifier: encoder never trains."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["detached-parameters", "unchanged-weights", "zero-gradient"]


class Net(nn.Module):
    def __init__(s, cut):
        super().__init__()
        s.cut = cut
        s.emb = nn.Embedding(50, 16)
        s.gru = nn.GRU(16, 24, batch_first=True)
        s.out = nn.Linear(24, 2)

    def forward(s, x):
        h, _ = s.gru(s.emb(x))
        h = h[:, -1]
        if s.cut:
            h = h.data
        return s.out(h)


def train(fixed, path):
    seed(5)
    x = torch.randint(0, 50, (900, 10))
    y = ((x == 7).any(1) ^ (x[:, -1] > 25)).long()
    m = Net(not fixed)
    return loop(
        path, m, nn.CrossEntropyLoss(), torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 15, 32
    )
