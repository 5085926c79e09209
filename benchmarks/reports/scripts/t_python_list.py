"""pytorch issue 715: hidden layers stand in a plain list, so they are no parameters. Cure: nn.ModuleList."""

# ruff: noqa
from ..checking import *
import copy, torch
from torch import nn

torch.set_num_threads(1)
C = "t_python_list"
rng = np.random.default_rng(0)
N = 1500
x = rng.normal(size=(N, 8)).astype("float32")
r = np.linalg.norm(x, axis=1)
q = np.quantile(r, [1 / 3, 2 / 3])
y = np.digitize(r, q).astype("int64")
X, Y, XV, YV = (
    torch.tensor(x[:1200]),
    torch.tensor(y[:1200]),
    torch.tensor(x[1200:]),
    torch.tensor(y[1200:]),
)


class SNLINet(nn.Module):
    def __init__(self, registered, n_hid=32, n_layers=4):
        super().__init__()
        self.hids = []
        indim = 8
        for _ in range(n_layers):
            self.hids.append([nn.Linear(indim, n_hid), nn.Tanh()])
            indim = n_hid
        if registered:
            self.hids = nn.ModuleList([nn.Sequential(*h) for h in self.hids])
        self.classifier = nn.Linear(n_hid, 3)
        self.registered = registered

    def forward(self, x):
        for h in self.hids:
            if self.registered:
                x = h(x)
            else:
                for layer in h:
                    x = layer(x)
        return self.classifier(x)


def run(reg):
    torch.manual_seed(0)
    m = SNLINet(reg)
    opt = torch.optim.Adam(m.parameters(), lr=1e-3)
    loss_fn = nn.CrossEntropyLoss()
    before = copy.deepcopy(m.state_dict())
    hist = []
    for ep in range(60):
        tot = 0
        for b in torch.randperm(len(X)).split(32):
            loss = loss_fn(m(X[b]), Y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(b)
        hist.append(tot / len(X))
    with torch.no_grad():
        acc = (m(XV).argmax(1) == YV).float().mean().item()
    return m, loss_fn, opt, before, hist, acc


m, l, o, b, h, acc = run(False)
note(C, faulty_acc=acc, faulty_hist=h[::12], params=[n for n, _ in m.named_parameters()])
diagnose(
    C,
    "full",
    m,
    X,
    Y,
    loss=l,
    optimizer=o,
    batch_size=32,
    epochs=60,
    history=h,
    initial=b,
    validation=(XV, YV),
)
diagnose(C, "lazy", m, X, Y, loss=l)
m, l, o, b, h, acc = run(True)
note(C, fixed_acc=acc, fixed_hist=h[::12])
diagnose(
    C,
    "fixed",
    m,
    X,
    Y,
    loss=l,
    optimizer=o,
    batch_size=32,
    epochs=60,
    history=h,
    initial=b,
    validation=(XV, YV),
)
