"""voiler/IMPALA issue 3: view where permute is meant: classes and steps are mixed. Cure: permute."""

# ruff: noqa
from ..checking import *
import copy, torch
from torch import nn

torch.set_num_threads(1)
C = "t_tagger_view"
rng = np.random.default_rng(0)
V, T, K, N = 40, 15, 5, 700
tag = rng.integers(0, K, V)
x = rng.integers(0, V, (N, T))
y = tag[x].copy()
y[:, 1:] = np.where(tag[x[:, :-1]] == 0, (y[:, 1:] + 1) % K, y[:, 1:])
X, Y, XV, YV = (
    torch.tensor(x[:560]),
    torch.tensor(y[:560]),
    torch.tensor(x[560:]),
    torch.tensor(y[560:]),
)


class Tagger(nn.Module):
    def __init__(self, right):
        super().__init__()
        self.right = right
        self.emb = nn.Embedding(V, 24)
        self.gru = nn.GRU(24, 48, batch_first=True)
        self.out = nn.Linear(48, K)

    def forward(self, x):
        h, _ = self.gru(self.emb(x))
        logits = self.out(h)
        return logits.permute(0, 2, 1) if self.right else logits.view(x.size(0), K, x.size(1))


def run(right, epochs=20):
    torch.manual_seed(0)
    m = Tagger(right)
    opt = torch.optim.Adam(m.parameters(), lr=3e-3)
    f = nn.CrossEntropyLoss()
    b0 = copy.deepcopy(m.state_dict())
    hist = []
    for _ in range(epochs):
        t = 0
        for b in torch.randperm(560).split(32):
            l = f(m(X[b]), Y[b])
            opt.zero_grad()
            l.backward()
            opt.step()
            t += l.item() * len(b)
        hist.append(t / 560)
    with torch.no_grad():
        acc = (m(XV).argmax(1) == YV).float().mean().item()
    return m, f, opt, b0, hist, acc


m, l, o, b, h, acc = run(False)
note(C, faulty_acc=acc, hist=h[::5], majority=float(np.bincount(y.ravel()).max() / y.size))
diagnose(
    C,
    "full",
    m,
    X,
    Y,
    loss=l,
    optimizer=o,
    batch_size=32,
    epochs=20,
    history=h,
    initial=b,
    validation=(XV, YV),
)
diagnose(C, "lazy", m, X, Y, loss=l)
m, l, o, b, h, acc = run(True)
note(C, fixed_acc=acc, fixed_hist=h[::5])
diagnose(
    C,
    "fixed",
    m,
    X,
    Y,
    loss=l,
    optimizer=o,
    batch_size=32,
    epochs=20,
    history=h,
    initial=b,
    validation=(XV, YV),
)
