"""StepLR(step_size=5, gamma=0.5) meant for epochs, stepped every batch."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["decayed-learning-rate"]


def train(fixed, path):
    seed(14)
    d = load_digits()
    x = torch.tensor(d.data[:1200] / 16.0, dtype=torch.float32)
    y = torch.tensor(d.target[:1200])
    m = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 10))
    o = torch.optim.Adam(m.parameters(), lr=1e-3)
    s = torch.optim.lr_scheduler.StepLR(o, 5, 0.5 if not fixed else 0.7)
    return loop(
        path, m, nn.CrossEntropyLoss(), o, x, y, 20, 32, sched=s, each="epoch" if fixed else "batch"
    )
