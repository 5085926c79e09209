"""Log_softmax over the batch axis, then NLLLoss: loss ends near log(batch)."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_wine

ACCEPT = ["coupled-samples", "activation-loss-mismatch"]


class Net(nn.Module):
    def __init__(s, dim):
        super().__init__()
        s.dim = dim
        s.l1 = nn.Linear(13, 32)
        s.l2 = nn.Linear(32, 3)

    def forward(s, x):
        return torch.log_softmax(s.l2(torch.relu(s.l1(x))), dim=s.dim)


def train(fixed, path):
    seed(3)
    d = load_wine()
    x = torch.tensor(d.data, dtype=torch.float32)
    x = (x - x.mean(0)) / x.std(0)
    y = torch.tensor(d.target)
    m = Net(1 if fixed else 0)
    return loop(path, m, nn.NLLLoss(), torch.optim.Adam(m.parameters(), lr=1e-2), x, y, 30, 16)
