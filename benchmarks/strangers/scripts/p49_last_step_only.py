"""The GRU is fed x.view(N, 1, T*F): one step per sequence, or rather the user meant (N, T, F)
and gives only the last step.
"""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["single-step-sequence"]


class Net(nn.Module):
    def __init__(s, ok):
        super().__init__()
        s.ok = ok
        s.g = nn.LSTM(1, 24, batch_first=True)
        s.f = nn.Linear(24, 1)

    def forward(s, x):
        if not s.ok:
            x = x[:, -1:, :]
        return s.f(s.g(x)[0][:, -1])


def train(fixed, path):
    seed(49)
    t = np.arange(900) * 0.3
    w = np.sin(t) * np.sin(0.37 * t) + 0.05 * np.random.randn(900)
    X = torch.tensor(np.stack([w[i : i + 10] for i in range(800)]), dtype=torch.float32)[..., None]
    y = torch.tensor(w[12:812], dtype=torch.float32)[:, None]
    m = Net(fixed)
    return loop(path, m, nn.MSELoss(), torch.optim.Adam(m.parameters(), lr=5e-3), X, y, 25, 32)
