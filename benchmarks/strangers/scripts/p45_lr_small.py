"""GRU with SGD lr 1e-7."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["learning-rate-too-low"]


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.g = nn.GRU(1, 20, batch_first=True)
        s.f = nn.Linear(20, 1)

    def forward(s, x):
        return s.f(s.g(x)[0][:, -1])


def train(fixed, path):
    seed(45)
    t = np.arange(700) * 0.2
    w = np.sin(t) + 0.4 * np.sin(2.7 * t)
    x = torch.tensor(np.stack([w[i : i + 12] for i in range(680)]), dtype=torch.float32)[..., None]
    y = torch.tensor(w[12:692], dtype=torch.float32)[:, None]
    m = Net()
    o = (
        torch.optim.Adam(m.parameters(), lr=5e-3)
        if fixed
        else torch.optim.SGD(m.parameters(), lr=1e-7)
    )
    return loop(path, m, nn.MSELoss(), o, x, y, 25, 32)
