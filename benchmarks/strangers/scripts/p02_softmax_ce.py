"""'CNN on digits stuck at loss 2.3 / slow': softmax at the end + CrossEntropyLoss."""

# ruff: noqa
from ..torch_loop import *
from torch import nn
from sklearn.datasets import load_digits

ACCEPT = ["activation-loss-mismatch"]


class Net(nn.Module):
    def __init__(s, soft):
        super().__init__()
        s.soft = soft
        s.c1 = nn.Conv2d(1, 8, 3, padding=1)
        s.c2 = nn.Conv2d(8, 16, 3, padding=1)
        s.f1 = nn.Linear(64, 64)
        s.f2 = nn.Linear(64, 10)

    def forward(s, x):
        x = torch.max_pool2d(torch.relu(s.c1(x)), 2)
        x = torch.max_pool2d(torch.relu(s.c2(x)), 2)
        x = s.f2(torch.relu(s.f1(x.flatten(1))))
        return torch.softmax(x, 1) if s.soft else x


def train(fixed, path):
    seed(2)
    d = load_digits()
    x = torch.tensor(d.images[:1200, None] / 16.0, dtype=torch.float32)
    y = torch.tensor(d.target[:1200])
    m = Net(not fixed)
    return loop(
        path,
        m,
        nn.CrossEntropyLoss(),
        torch.optim.SGD(m.parameters(), lr=0.01, momentum=0.9),
        x,
        y,
        12,
        32,
    )
