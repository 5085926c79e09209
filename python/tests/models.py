"""Small torch models that between them use every supported operator."""

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.gain = nn.Parameter(torch.full((width,), 1.5))
        self.register_buffer("shift", torch.linspace(-1, 1, width))

    def forward(self, x):
        return x + torch.tanh(self.fc(x)) * self.gain - self.shift


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.block1 = Block(6)
        self.block2 = self.block1  # shared
        self.head = nn.Linear(6, 2, bias=False)

    def forward(self, x):
        x = F.relu(self.first(x), inplace=True)
        x = self.block2(self.block1(x)) * 2.0 / 3 - 0.5
        return self.head(F.leaky_relu(1 - x, 0.2))


class Shapes(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(12, 6)
        self.steps = nn.Linear(3, 5)

    def forward(self, x):  # (N, 3, 4)
        n = x.size(0)
        y = self.fc(x.view(n, -1)).reshape(x.shape[0], 2, 3)
        y = self.steps(y).softmax(dim=2)
        z = torch.flatten(y, 1).view(-1, 5).sigmoid()
        return z.view(n, 2 * 5).unsqueeze(1).squeeze(1)


class Hand(nn.Module):
    """Everything by hand: parameters, products, transposes."""

    def __init__(self):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(4, 5))
        self.b1 = nn.Parameter(torch.randn(5))
        self.w2 = nn.Parameter(torch.randn(3, 5))
        self.w3 = nn.Parameter(torch.randn(3, 3))

    def forward(self, x):
        h = torch.relu(x @ self.w1 + self.b1)
        h = h @ self.w2.t()
        h = torch.matmul(h, self.w3.T) + F.linear(h, self.w3)
        return F.log_softmax(torch.add(h, h, alpha=2), dim=1)


class TwoIn(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 4)
        self.b = nn.Linear(2, 4)

    def forward(self, left, right, scale=None, double=False):
        h = torch.tanh(self.a(left) + self.b(right))
        if scale is not None:
            h = h * scale
        if double:
            h = 2 * h
        return {"sum": h, "prob": torch.softmax(h, -1), "again": h}


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(4, 4)
        self.dec = nn.Linear(4, 4)
        self.dec.weight = self.enc.weight

    def forward(self, x):
        return self.dec(self.enc(x).relu_())


class InPlace(nn.Module):
    """The residual sees the rectified values, because the rectifier works in place."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        h = self.fc(x)
        return self.act(h) + h


def modules():
    """Every module of the table, nested."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Sequential(nn.Linear(12, 8), nn.LeakyReLU(0.3), nn.Dropout(0.2)),
        nn.Identity(),
        nn.Unflatten(1, (2, 4)),
        nn.Softmax(dim=-1),
        nn.Flatten(),
        nn.Linear(8, 6),
        nn.Tanh(),
        nn.Sigmoid(),
        nn.Linear(6, 3),
        nn.LogSoftmax(dim=1),
    )


CASES = {
    "residual": (Residual, [(4,)]),
    "shapes": (Shapes, [(3, 4)]),
    "hand": (Hand, [(4,)]),
    "two": (TwoIn, [(3,), (2,)]),
    "tied": (Tied, [(4,)]),
    "in-place": (InPlace, [(4,)]),
    "modules": (modules, [(3, 4)]),
    "linear": (lambda: nn.Linear(2, 1), [(2,)]),
    "softmax": (lambda: nn.Softmax(dim=1), [(2,)]),
    "sequence": (lambda: nn.Sequential(nn.Linear(2, 3), nn.ReLU()), [(5, 2)]),
}


def make(name, rows=13, seed=0):
    """Return (model, inputs) of a case."""
    torch.manual_seed(seed)
    kind, shapes = CASES[name]
    return kind(), [torch.randn(rows, *shape) for shape in shapes]
