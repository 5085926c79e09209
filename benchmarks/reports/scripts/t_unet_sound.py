"""(control): nothing is wrong with this segmentation."""

# ruff: noqa
from ..checking import *
import copy, torch
from torch import nn

torch.set_num_threads(1)
C = "t_unet_sound"
rng = np.random.default_rng(0)
N, S = 240, 24
yy, xx = np.mgrid[:S, :S]
img = np.zeros((N, 1, S, S), "float32")
msk = np.zeros((N, 1, S, S), "float32")
for i in range(N):
    cy, cx, rad = rng.uniform(6, 18, 2).tolist() + [rng.uniform(3, 6)]
    msk[i, 0] = (yy - cy) ** 2 + (xx - cx) ** 2 < rad**2
    img[i, 0] = msk[i, 0] * 90 + 80 + rng.normal(0, 25, (S, S))
X = torch.tensor((img - img.mean()) / img.std())
Y = torch.tensor(msk)


class U(nn.Module):
    def __init__(self):
        super().__init__()
        cb = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU())
        self.a, self.b, self.c, self.o, self.p, self.u = (
            cb(1, 8),
            cb(8, 16),
            cb(24, 8),
            nn.Conv2d(8, 1, 1),
            nn.MaxPool2d(2),
            nn.Upsample(scale_factor=2),
        )

    def forward(self, x):
        a = self.a(x)
        return self.o(self.c(torch.cat([a, self.u(self.b(self.p(a)))], 1)))


torch.manual_seed(0)
m = U()
opt = torch.optim.Adam(m.parameters(), 3e-3)
f = nn.BCEWithLogitsLoss()
b0 = copy.deepcopy(m.state_dict())
hist = []
for _ in range(15):
    t = 0
    for b in torch.randperm(200).split(16):
        l = f(m(X[b]), Y[b])
        opt.zero_grad()
        l.backward()
        opt.step()
        t += l.item() * len(b)
    hist.append(t / 200)
m.eval()
p = m(X[200:]) > 0
g = Y[200:] > 0.5
note(C, iou=float((p & g).sum() / (p | g).sum()), hist=hist[::5])
diagnose(
    C,
    "fixed",
    m,
    X[:200],
    Y[:200],
    loss=f,
    optimizer=opt,
    batch_size=16,
    epochs=15,
    history=hist,
    initial=b0,
    validation=(X[200:], Y[200:]),
)
