"""Adam(model.fc.parameters()) although the transformer below is to be trained."""

# ruff: noqa
from ..torch_loop import *
from torch import nn

ACCEPT = ["unoptimized-parameters", "unchanged-weights"]


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.emb = nn.Embedding(30, 16)
        s.pos = nn.Parameter(torch.randn(8, 16) * 0.1)
        s.enc = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True),
            1,
            enable_nested_tensor=False,
        )
        s.fc = nn.Linear(16, 3)

    def forward(s, x):
        return s.fc(s.enc(s.emb(x) + s.pos).mean(1))


def train(fixed, path):
    seed(42)
    x = torch.randint(0, 30, (800, 8))
    y = (((x % 3) == 0).sum(1) > 2).long() + (x[:, 0] > 20).long()
    m = Net()
    o = torch.optim.Adam(m.parameters() if fixed else m.fc.parameters(), lr=5e-3)
    return loop(path, m, nn.CrossEntropyLoss(), o, x, y, 25, 32)
