"""Segmentation masks read from png: 0 and 255, with BCEWithLogitsLoss."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["invalid-targets"]


class UNet(nn.Module):
    def __init__(s):
        super().__init__()
        s.d1 = nn.Conv2d(1, 8, 3, padding=1)
        s.d2 = nn.Conv2d(8, 16, 3, padding=1)
        s.u = nn.ConvTranspose2d(16, 8, 2, stride=2)
        s.o = nn.Conv2d(16, 1, 1)

    def forward(s, x):
        a = torch.relu(s.d1(x))
        b = torch.relu(s.d2(torch.max_pool2d(a, 2)))
        return s.o(torch.cat([a, s.u(b)], 1))


def train(fixed, path):
    seed(23)
    n = 200
    x = torch.rand(n, 1, 16, 16) * 0.7
    y = torch.zeros(n, 1, 16, 16)
    for i in range(n):
        r, c = np.random.randint(0, 10, 2)
        x[i, 0, r : r + 6, c : c + 6] += 0.4
        y[i, 0, r : r + 6, c : c + 6] = 1 if fixed else 255
    m = UNet()
    return loop(
        path, m, nn.BCEWithLogitsLoss(), torch.optim.Adam(m.parameters(), lr=3e-3), x, y, 10, 16
    )
