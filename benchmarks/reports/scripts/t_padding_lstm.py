"""seungminnam DL-Projects, sentiment LSTM: the state is read after 80 to 95 % of padding. Cure: read the state at each length."""

# ruff: noqa
from ..checking import *
import copy, torch
from torch import nn

torch.set_num_threads(1)
C = "t_padding_lstm"
rng = np.random.default_rng(0)
V, T, N = 300, 160, 900
y = rng.integers(0, 2, N).astype("float32")
x = np.zeros((N, T), "int64")
ln = rng.integers(8, 40, N)
for i in range(N):
    x[i, : ln[i]] = rng.integers(40, V, ln[i])
    k = rng.integers(3, 7)
    x[i, rng.choice(ln[i], k, False)] = (2 if y[i] else 20) + rng.integers(0, 18, k)
X, Y, L = torch.tensor(x), torch.tensor(y)[:, None], torch.tensor(ln)
tr, va = slice(0, 700), slice(700, N)


class SentimentLSTM(nn.Module):
    def __init__(self, how):
        super().__init__()
        self.how = how
        self.embedding = nn.Embedding(V, 32, padding_idx=0)
        self.lstm = nn.LSTM(32, 48, batch_first=True)
        self.fc = nn.Linear(48, 1)

    def forward(self, x, lengths=None):
        e = self.embedding(x)
        if self.how == "pack":
            _, (h, _) = self.lstm(
                nn.utils.rnn.pack_padded_sequence(
                    e, lengths, batch_first=True, enforce_sorted=False
                )
            )
            return self.fc(h[-1])
        out, (h, _) = self.lstm(e)
        if self.how == "gather":
            last = (x != 0).sum(1) - 1
            return self.fc(out.gather(1, last.view(-1, 1, 1).expand(-1, 1, 48)).squeeze(1))
        return self.fc(h[-1])


def run(how, epochs=12):
    torch.manual_seed(0)
    m = SentimentLSTM(how)
    opt = torch.optim.Adam(m.parameters(), lr=2e-3)
    f = nn.BCEWithLogitsLoss()
    b0 = copy.deepcopy(m.state_dict())
    hist = []
    args = lambda b: (X[b], L[b]) if how == "pack" else (X[b],)
    for _ in range(epochs):
        t = 0
        for b in torch.randperm(700).split(32):
            l = f(m(*args(b)), Y[b])
            opt.zero_grad()
            l.backward()
            opt.step()
            t += l.item() * len(b)
        hist.append(t / 700)
    with torch.no_grad():
        i = torch.arange(700, N)
        acc = ((m(*args(i)) > 0).float() == Y[i]).float().mean().item()
    return m, f, opt, b0, hist, acc


m, l, o, b, h, acc = run("last")
note(C, faulty_acc=acc, hist=h[::4])
diagnose(
    C,
    "full",
    m,
    X[tr],
    Y[tr],
    loss=l,
    optimizer=o,
    batch_size=32,
    epochs=12,
    history=h,
    initial=b,
    validation=(X[va], Y[va]),
)
diagnose(C, "lazy", m, X[tr], Y[tr], loss=l)
m, l, o, b, h, acc = run("pack")
note(C, fixed_acc=acc, fixed_hist=h[::4])
diagnose(
    C,
    "fixed_pack",
    m,
    [X[tr], L[tr]],
    Y[tr],
    loss=l,
    optimizer=o,
    batch_size=32,
    epochs=12,
    history=h,
    initial=b,
    validation=([X[va], L[va]], Y[va]),
)
m, l, o, b, h, acc = run("gather")
note(C, fixed_gather_acc=acc, fixed_gather_hist=h[::4])
diagnose(
    C,
    "fixed",
    m,
    X[tr],
    Y[tr],
    loss=l,
    optimizer=o,
    batch_size=32,
    epochs=12,
    history=h,
    initial=b,
    validation=(X[va], Y[va]),
)
