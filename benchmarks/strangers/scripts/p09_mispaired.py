"""X shuffled by one permutation, y by another: loss stays at 0.69."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_breast_cancer

ACCEPT = ["unlearnable-target"]


def train(fixed, path):
    seed(9)
    d = load_breast_cancer()
    x = (d.data - d.data.mean(0)) / d.data.std(0)
    y = d.target
    p = np.random.permutation(len(x))
    q = p if fixed else np.random.permutation(len(x))
    x, y = x[p], y[q]
    x = torch.tensor(x, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)[:, None]
    m = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    return loop(
        path,
        m,
        nn.BCEWithLogitsLoss(),
        torch.optim.Adam(m.parameters(), lr=1e-3),
        x[:450],
        y[:450],
        20,
        32,
        val=(x[450:], y[450:]),
    )
