"""Hidden state kept on self from batch to batch although rows are shuffled windows."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["coupled-samples", "loop-mismatch", "history-mismatch"]


class Net(nn.Module):
    def __init__(s, carry):
        super().__init__()
        s.carry = carry
        s.h = torch.zeros(1, 32, 16)
        s.rnn = nn.GRU(2, 16, batch_first=True)
        s.fc = nn.Linear(16, 1)

    def forward(s, x):
        if s.carry:
            o, h = s.rnn(x, s.h)
            s.h = h.detach()
        else:
            o, h = s.rnn(x)
        return s.fc(o[:, -1])


def train(fixed, path):
    seed(28)
    x = torch.randn(640, 4, 2)
    y = x[:, :, 0].sum(1, keepdim=True) + x[:, 0, 1:2]
    m = Net(not fixed)
    return loop(path, m, nn.MSELoss(), torch.optim.Adam(m.parameters(), lr=1e-2), x, y, 25, 32)
