"""ToTensor already gave 0..1, and then / 255 once more; SGD."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["unscaled-features", "learning-rate-too-low", "too-few-updates"]


def train(fixed, path):
    seed(30)
    d = load_digits()
    x = torch.tensor(d.images[:1200, None] / 16.0, dtype=torch.float32)
    y = torch.tensor(d.target[:1200])
    x = (x - 0.3) / 0.38 if fixed else x / 255
    m = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 10)
    )
    return loop(
        path,
        m,
        nn.CrossEntropyLoss(),
        torch.optim.SGD(m.parameters(), lr=0.02, momentum=0.9),
        x,
        y,
        15,
        32,
    )
