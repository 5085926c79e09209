"""Sentences of 3-8 tokens padded at the end to 80; the last state is read."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["padding-dominates"]


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.emb = nn.Embedding(60, 16, padding_idx=0)
        s.rnn = nn.LSTM(16, 24, batch_first=True)
        s.fc = nn.Linear(24, 1)

    def forward(s, x):
        o, (h, c) = s.rnn(s.emb(x))
        return s.fc(h[-1])


def train(fixed, path):
    seed(20)
    n = 500
    T = 80
    x = torch.zeros(n, T, dtype=torch.long)
    y = torch.zeros(n, 1)
    for i in range(n):
        k = np.random.randint(3, 9)
        t = torch.randint(1, 60, (k,))
        y[i] = float((t < 30).sum() * 2 > k)
        if fixed:
            x[i, T - k :] = t
        else:
            x[i, :k] = t
    m = Net()
    return loop(
        path, m, nn.BCEWithLogitsLoss(), torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 10, 32
    )
