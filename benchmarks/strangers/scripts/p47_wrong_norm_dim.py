"""'normalization' per batch in forward: (x - x.mean()) / x.std() over everything incl. huge
column -> one column dominates.
"""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["unscaled-features", "coupled-samples", "dominant-feature"]


def train(fixed, path):
    seed(47)
    z = torch.randn(900, 6)
    y = (z[:, 0] * z[:, 1] + z[:, 2] > 0).long()
    x = z.clone()
    x[:, 5] = x[:, 5] * 5000 + 20000
    x = (x - x.mean(0)) / x.std(0) if fixed else (x - x.mean()) / x.std()
    m = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
    return loop(
        path,
        m,
        nn.CrossEntropyLoss(),
        torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9),
        x,
        y,
        25,
        32,
    )
