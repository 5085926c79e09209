"""Weight_decay=1 in Adam: the outputs go to the class prior."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_wine

ACCEPT = ["strong-regularization", "optimizer-settings"]


def train(fixed, path):
    seed(18)
    d = load_wine()
    x = torch.tensor((d.data - d.data.mean(0)) / d.data.std(0), dtype=torch.float32)
    y = torch.tensor(d.target)
    m = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 3))
    o = torch.optim.Adam(m.parameters(), lr=2e-3, weight_decay=0 if fixed else 1.0)
    return loop(path, m, nn.CrossEntropyLoss(), o, x, y, 40, 16)
