"""Transfer-like: the optimizer is made, then the last two layers are replaced."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["unoptimized-parameters", "unchanged-weights"]


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.features = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        s.classifier = nn.Sequential(nn.Linear(72, 32), nn.ReLU(), nn.Linear(32, 1000))

    def forward(s, x):
        return s.classifier(s.features(x))


def train(fixed, path):
    seed(6)
    d = load_digits()
    x = torch.tensor(d.images[:1000, None] / 16.0, dtype=torch.float32)
    y = torch.tensor(d.target[:1000])
    m = Net()
    o = torch.optim.Adam(m.parameters(), lr=1e-3)
    m.classifier = nn.Sequential(nn.Linear(72, 64), nn.ReLU(), nn.Linear(64, 10))
    for p in m.features.parameters():
        p.requires_grad_(fixed)  # "freeze the backbone"
    if fixed:
        o = torch.optim.Adam(m.parameters(), lr=1e-3)
    rec_crit = nn.CrossEntropyLoss()
    if not fixed:
        # nothing the optimizer has gets a gradient
        return loop(path, m, rec_crit, o, x, y, 10, 32)
    return loop(path, m, rec_crit, o, x, y, 10, 32)
