"""Images are (N, H, W, C), made (N, C, H, W) by view."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["mixed-axes"]


class Net(nn.Module):
    def __init__(s, ok):
        super().__init__()
        s.ok = ok
        s.c = nn.Sequential(
            nn.Conv2d(3, 12, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(12, 16, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
        )
        s.f = nn.Linear(16, 4)

    def forward(s, x):
        x = x.permute(0, 3, 1, 2) if s.ok else x.view(x.size(0), 3, 12, 12)
        return s.f(s.c(x).flatten(1))


def train(fixed, path):
    seed(12)
    n = 700
    x = torch.rand(n, 12, 12, 3) * 0.6
    y = torch.randint(0, 4, (n,))
    for i in range(n):
        r, c = np.random.randint(0, 8, 2)
        k = int(y[i])
        if k < 2:
            x[i, r : r + 4, c, k] += 0.6
        else:
            x[i, r, c : c + 4, k - 2] += 0.6
    m = Net(fixed)
    return loop(
        path, m, nn.CrossEntropyLoss(), torch.optim.Adam(m.parameters(), lr=5e-3), x, y, 20, 32
    )
