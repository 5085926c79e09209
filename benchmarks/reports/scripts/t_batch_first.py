"""pytorch issue 1538: an LSTM without batch_first runs over the batch. Cure: batch_first=True."""

# ruff: noqa
from ..checking import *
import copy, torch
from torch import nn

torch.set_num_threads(1)
C = "t_batch_first"


class Rnn(nn.Module):
    def __init__(self, in_dim, hidden_dim, n_layer, n_class, bf):
        super().__init__()
        self.lstm = nn.LSTM(in_dim, hidden_dim, n_layer, batch_first=bf)
        self.classifier = nn.Linear(hidden_dim, n_class)

    def forward(self, x):
        out, _ = self.lstm(x)
        out = out[:, -1, :]
        return self.classifier(out)


xtr, ytr, xte, yte = digits()
xtr, xte = xtr[:, 0], xte[:, 0]
X, Y, XV, YV = map(torch.tensor, (xtr, ytr, xte, yte))


def run(bf):
    torch.manual_seed(0)
    m = Rnn(8, 64, 2, 10, bf)
    opt = torch.optim.Adam(m.parameters(), lr=3e-3)
    loss_fn = nn.CrossEntropyLoss()
    before = copy.deepcopy(m.state_dict())
    hist = []
    for ep in range(20):
        tot = 0
        for b in torch.randperm(len(X)).split(100):
            loss = loss_fn(m(X[b]), Y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(b)
        hist.append(tot / len(X))
    with torch.no_grad():
        acc = np.mean(
            [
                (m(XV[b]).argmax(1) == YV[b]).float().mean().item()
                for b in torch.arange(len(XV)).split(100)
            ]
        )
    return m, loss_fn, opt, before, hist, acc


m, l, o, b, h, acc = run(False)
note(C, faulty_acc=acc, faulty_hist=h[::4])
diagnose(
    C,
    "full",
    m,
    X,
    Y,
    loss=l,
    optimizer=o,
    batch_size=100,
    epochs=20,
    history=h,
    initial=b,
    validation=(XV, YV),
)
diagnose(C, "lazy", m, X, Y, loss=l)
m, l, o, b, h, acc = run(True)
note(C, fixed_acc=acc, fixed_hist=h[::4])
diagnose(
    C,
    "fixed",
    m,
    X,
    Y,
    loss=l,
    optimizer=o,
    batch_size=100,
    epochs=20,
    history=h,
    initial=b,
    validation=(XV, YV),
)
