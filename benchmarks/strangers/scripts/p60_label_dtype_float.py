"""3 classes encoded -1, 0, 1 and tanh head with MSE; imbalance none; user asks why accuracy
sticks: sigmoid head, so -1 is out of reach.
"""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_iris

ACCEPT = ["bounded-output", "loss-task-mismatch"]


def train(fixed, path):
    seed(60)
    d = load_iris()
    x = torch.tensor((d.data - d.data.mean(0)) / d.data.std(0), dtype=torch.float32)
    y = torch.tensor(d.target)
    m = nn.Sequential(
        nn.Linear(4, 16),
        nn.ReLU(),
        nn.Linear(16, 3 if fixed else 1),
        nn.Identity() if fixed else nn.Sigmoid(),
    )
    o = torch.optim.Adam(m.parameters(), lr=1e-2)
    return (
        loop(path, m, nn.CrossEntropyLoss(), o, x, y, 40, 16)
        if fixed
        else loop(path, m, nn.MSELoss(), o, x, (y - 1).float()[:, None], 40, 16)
    )
