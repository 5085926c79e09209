"""One-hot class of a wrong offset: labels 1..5 given to 6 outputs is fine, but labels 1..5
minus 1 only in validation.
"""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["train-validation-skew", "unpaired-validation"]


def train(fixed, path):
    seed(51)
    d = load_digits()
    k = d.target < 5
    x = torch.tensor(d.data[k] / 16.0, dtype=torch.float32)
    y = torch.tensor(d.target[k])
    yt = y + 1
    yv = yt if fixed else y
    m = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 6))
    return loop(
        path,
        m,
        nn.CrossEntropyLoss(),
        torch.optim.Adam(m.parameters(), lr=5e-3),
        x[:600],
        yt[:600],
        15,
        32,
        val=(x[600:], yv[600:]),
    )
