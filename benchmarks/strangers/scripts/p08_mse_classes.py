"""10 classes predicted by one unit with MSE on the class index."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["loss-task-mismatch", "output-units"]


def train(fixed, path):
    seed(8)
    d = load_digits()
    x = torch.tensor(d.data[:1200] / 16.0, dtype=torch.float32)
    y = torch.tensor(d.target[:1200])
    m = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10 if fixed else 1))
    o = torch.optim.Adam(m.parameters(), lr=1e-3)
    if fixed:
        return loop(path, m, nn.CrossEntropyLoss(), o, x, y, 15, 32)
    return loop(path, m, nn.MSELoss(), o, x, y.float()[:, None], 15, 32)
