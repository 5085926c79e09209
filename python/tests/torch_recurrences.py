"""Recurrences as people write them, for the torch exporter and the parity of the engine."""

import torch
from torch import nn


class Words(nn.Module):
    """A bidirectional LSTM of two layers over embedded words."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(11, 5, padding_idx=0)
        self.lstm = nn.LSTM(5, 4, 2, batch_first=True, bidirectional=True, dropout=0.3)
        self.head = nn.Linear(8, 3)

    def forward(self, ids):
        out, (h, _) = self.lstm(self.embed(ids))
        return self.head(torch.cat([h[-2], h[-1]], dim=1)) + self.head(out.mean(1))


class Gated(nn.Module):
    """A GRU as it stood in old tutorials: time first, its first state made by hand."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 5, 2)
        self.head = nn.Linear(5, 1)

    def forward(self, x):
        h0 = torch.zeros(2, x.size(0), 5)
        out, h = self.gru(x.permute(1, 0, 2), h0)
        return self.head(out[-1]) + h.sum() * 0


class Stateful(nn.Module):
    """Initial states that are learned, and all results of the recurrences."""

    def __init__(self):
        super().__init__()
        self.h = nn.Parameter(torch.randn(2, 1, 4))
        self.c = nn.Parameter(torch.randn(2, 1, 4))
        self.lstm = nn.LSTM(3, 4, 2, batch_first=True)
        self.rnn = nn.RNN(4, 3, nonlinearity="relu", bias=False, bidirectional=True)

    def forward(self, x):
        n = x.shape[0]
        state = (self.h.expand(-1, n, -1).contiguous(), self.c.expand(-1, n, -1).contiguous())
        out, (h, c) = self.lstm(x, state)
        shown, last = self.rnn(out.transpose(0, 1))
        return shown.transpose(0, 1), h.transpose(0, 1), c[0], last.permute(1, 0, 2).flatten(1)


class Cells(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTMCell(3, 4)
        self.gru = nn.GRUCell(4, 5)
        self.rnn = nn.RNNCell(5, 2)

    def forward(self, x):
        state, g, r = None, torch.zeros(x.size(0), 5), None
        for t in range(3):
            state = self.lstm(x[:, t], state)
            g = self.gru(state[0], g)
            r = self.rnn(g, r)
        return r


class Loop(nn.Module):
    """Python loops over a size of the data: torch.fx cannot follow, torch.export can."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(3, 4)
        self.fc = nn.Linear(4, 2)
        self.bn = nn.BatchNorm1d(2)

    def forward(self, x):
        h = x.new_zeros(x.shape[0], 4)
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
        if h.shape[1] == 4:
            h = torch.tanh(h)
        return self.bn(self.fc(h))
