"""leftthomas/SRGAN issue 94, an up-sampling network: a step schedule is stepped once a batch. Cure: once an epoch."""

# ruff: noqa
from ..checking import *
import copy, torch
from torch import nn

torch.set_num_threads(1)
C = "t_scheduler_per_batch_up"
hi_tr, _, hi_te, _ = digits()
HI, HV = torch.tensor(hi_tr), torch.tensor(hi_te)
LO, LV = nn.functional.avg_pool2d(HI, 2), nn.functional.avg_pool2d(HV, 2)


class G(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1 = nn.Sequential(nn.Conv2d(1, 24, 3, padding=1), nn.PReLU())
        self.block2 = nn.Sequential(
            nn.Conv2d(24, 24, 3, padding=1),
            nn.BatchNorm2d(24),
            nn.PReLU(),
            nn.Conv2d(24, 24, 3, padding=1),
            nn.BatchNorm2d(24),
        )
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2), nn.Conv2d(24, 24, 3, padding=1), nn.PReLU()
        )
        self.out = nn.Conv2d(24, 1, 3, padding=1)

    def forward(self, x):
        a = self.block1(x)
        b = self.block2(a)
        return (torch.tanh(self.out(self.up(a + b))) + 1) / 2


def run(per_batch, epochs=12):
    torch.manual_seed(0)
    m = G()
    opt = torch.optim.Adam(m.parameters(), lr=1e-3)
    loss_fn = nn.MSELoss()
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=epochs // 2, gamma=0.1)
    before = copy.deepcopy(m.state_dict())
    hist = []
    for ep in range(epochs):
        tot = 0
        m.train()
        for b in torch.randperm(len(HI)).split(32):
            loss = loss_fn(m(LO[b]), HI[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(b)
            if per_batch:
                sched.step()
        if not per_batch:
            sched.step()
        hist.append(tot / len(HI))
    m.eval()
    with torch.no_grad():
        v = loss_fn(m(LV), HV).item()
    return m, loss_fn, opt, before, hist, v


base = float(((HV - HI.mean(0)) ** 2).mean())
m, l, o, b, h, v = run(True)
note(C, faulty_val=v, baseline=base, faulty_hist=h[::3], lr_end=o.param_groups[0]["lr"])
diagnose(
    C,
    "full",
    m,
    LO,
    HI,
    loss=l,
    optimizer=o,
    batch_size=32,
    epochs=12,
    history=h,
    initial=b,
    validation=(LV, HV),
)
diagnose(C, "lazy", m, LO, HI, loss=l)
m, l, o, b, h, v = run(False)
note(C, fixed_val=v, fixed_hist=h[::3])
diagnose(
    C,
    "fixed",
    m,
    LO,
    HI,
    loss=l,
    optimizer=o,
    batch_size=32,
    epochs=12,
    history=h,
    initial=b,
    validation=(LV, HV),
)
