"""f-dangel/backpack issue 95: gradients are never cleared. Cure: zero_grad()."""

# ruff: noqa
from ..checking import *
import copy, torch
from torch import nn

torch.set_num_threads(1)
C = "t_zero_grad_cnn"
xtr, ytr, xte, yte = digits()
X, Y, XV, YV = map(torch.tensor, (xtr, ytr, xte, yte))


def run(zero):
    torch.manual_seed(0)
    m = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(24 * 16, 10),
    )
    opt = torch.optim.SGD(m.parameters(), lr=0.05)
    loss_fn = nn.CrossEntropyLoss()
    before = copy.deepcopy(m.state_dict())
    hist = []
    for ep in range(12):
        tot = 0
        for b in torch.randperm(len(X)).split(64):
            loss = loss_fn(m(X[b]), Y[b])
            if zero:
                opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(b)
        hist.append(tot / len(X))
    with torch.no_grad():
        acc = (m(XV).argmax(1) == YV).float().mean().item()
    return m, loss_fn, opt, before, hist, acc


m, l, o, b, h, acc = run(False)
note(C, faulty_acc=acc, faulty_hist=h)
diagnose(
    C,
    "full",
    m,
    X,
    Y,
    loss=l,
    optimizer=o,
    batch_size=64,
    epochs=12,
    history=h,
    initial=b,
    validation=(XV, YV),
)
diagnose(C, "lazy", m, X, Y, loss=l)
m, l, o, b, h, acc = run(True)
note(C, fixed_acc=acc, fixed_hist=h)
diagnose(
    C,
    "fixed",
    m,
    X,
    Y,
    loss=l,
    optimizer=o,
    batch_size=64,
    epochs=12,
    history=h,
    initial=b,
    validation=(XV, YV),
)
