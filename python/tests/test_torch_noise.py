"""Random numbers of a forward pass, parts changed in place, transforms, places that are computed.

The proof of the export holds each of them against torch: outputs, loss and every gradient.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import defib  # noqa: E402

pytestmark = pytest.mark.engine

X = torch.randn(24, 8, generator=torch.Generator().manual_seed(0))
IMAGES = torch.randn(12, 2, 6, 7, generator=torch.Generator().manual_seed(1))


class Net(nn.Module):
    """Two layers around a function."""

    def __init__(self, function, inputs=8, outputs=8):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(8, inputs), nn.Linear(outputs, 8)
        self.weight = nn.Parameter(torch.randn(8))
        self.function = function

    def forward(self, x):
        return self.last(self.function(self, self.first(x)))


def reparametrised(_net, h):
    mean, logarithm = h.chunk(2, 1)
    return mean + torch.exp(0.5 * logarithm) * torch.randn_like(logarithm)


def drawn_from_a_distribution(_net, h):
    mean, logarithm = h.chunk(2, 1)
    return torch.distributions.Normal(mean, torch.exp(0.5 * logarithm)).rsample()


def noisy(_net, h):
    h = h + 0.1 * torch.randn(h.shape[0], 8) + torch.randn(8)
    h = h * torch.empty_like(h).uniform_(-1, 2) + torch.empty_like(h).exponential_(0.5)
    return h + torch.normal(h, 0.1)


def branches_left_out(_net, h):
    kept = (0.8 + torch.rand((h.shape[0], 1), dtype=h.dtype)).floor()
    return h + torch.relu(h) / 0.8 * kept


RANDOM = {
    "a variational autoencoder": (reparametrised, 8, 4),
    "a distribution": (drawn_from_a_distribution, 8, 4),
    "noise of several kinds": (noisy, 8, 8),
    "stochastic depth": (branches_left_out, 8, 8),
    "gumbel": (lambda _net, h: F.gumbel_softmax(h, tau=0.7), 8, 8),
    "gumbel, hard": (lambda _net, h: F.gumbel_softmax(h, tau=0.7, hard=True), 8, 8),
}


@pytest.mark.parametrize("name", RANDOM)
def test_random_numbers_become_data(name):
    function, inputs, outputs = RANDOM[name]
    model = Net(function, inputs, outputs)
    first = defib.replay(model, X, X, loss=nn.MSELoss())
    again = defib.replay(model, X, X, loss=nn.MSELoss())
    assert first.loss == again.loss
    assert all(np.isfinite(g).all() for g in first.gradients.values())


def test_numbers_are_drawn_for_validation_data_too(tmp_path):
    model = Net(reparametrised, 8, 4)
    run = defib.export(tmp_path / "run", model, X, X, loss=nn.MSELoss(), validation=(X[:7], X[:7]))
    noise = np.load(tmp_path / "run/data/noise.npy")
    held = np.load(tmp_path / "run/validation/noise.npy")
    assert noise.shape == (24, 4)
    assert held.shape == (7, 4)
    assert not np.array_equal(noise[:7], held)
    assert 0.7 < noise.std() < 1.3
    assert defib.check(run).findings is not None


def test_a_layer_that_is_left_out_by_a_coin_stays():
    def coins(_net, h):
        if torch.rand([]) < 0.1:
            return h * 0
        return h + torch.relu(h) if torch.rand(1) < 0.8 else h

    model = Net(coins)
    wanted = nn.MSELoss()(model.last((h := model.first(X)) + torch.relu(h)), X).item()
    assert defib.replay(model, X, X, loss=nn.MSELoss()).loss == pytest.approx(wanted, rel=1e-5)


def parts(net, h):
    mask = net.weight.clone()
    mask[2:4].zero_()
    mask[5] = 1.0
    h = h * 1
    h[:, 0] = 0
    h[:, 1:3] *= 2
    h[:, -1] += h[:, 3]
    wide = torch.zeros(h.shape[0], 8)
    wide[:, 2:6] = h[:, :4]
    return h * mask + wide


def chosen(_net, h):
    held = h.clone()
    held[h < 0] = 0.5
    return held


CHANGED = {"parts": parts, "a mask": chosen}


@pytest.mark.parametrize("name", CHANGED)
def test_parts_that_are_changed_in_place(name):
    model = Net(CHANGED[name])
    wanted = nn.MSELoss()(model(X), X).item()
    assert defib.replay(model, X, X, loss=nn.MSELoss()).loss == pytest.approx(wanted, rel=1e-5)


TRANSFORMS = {
    "real part": lambda _net, h: torch.fft.fft(h).real,
    "two axes": lambda _net, h: torch.fft.fft2(h.view(-1, 2, 4)).real.flatten(1),
    "imaginary part": lambda _net, h: torch.fft.fft(h, norm="ortho").imag,
    "magnitude": lambda _net, h: F.pad(torch.fft.rfft(h).abs(), (0, 3)),
    "mixed as by FNet": lambda _net, h: torch.fft.fft(
        torch.fft.fft(h.view(-1, 2, 4), dim=-1), dim=-2
    ).real.flatten(1),
    "windows of one axis": lambda _net, h: (
        h.unfold(1, 4, 2).flatten(1)[:, :8] + h.unfold(1, 8, 1)[:, 0]
    ),
    "windows of two axes": lambda _net, h: (
        h.view(-1, 2, 4).unfold(1, 2, 1).unfold(2, 3, 1).flatten(1)[:, :8]
    ),
    "every row several times": lambda net, h: (
        (h.repeat_interleave(2, dim=0) * net.weight).view(-1, 2, 8).sum(1)
    ),
    "repeated for every sample": lambda _net, h: (
        h * _net.weight[None, None, :4].repeat(h.shape[0], 1, 2).view(-1, 8)
    ),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms(name):
    model = Net(TRANSFORMS[name])
    wanted = nn.MSELoss()(model(X), X).item()
    assert defib.replay(model, X, X, loss=nn.MSELoss()).loss == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("corners", [True, False])
@pytest.mark.parametrize("padding", ["zeros", "border"])
def test_a_spatial_transformer(padding, corners):
    class Transformer(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.where, self.last = nn.Linear(84, 6), nn.Linear(84, 3)

        def forward(self, x):
            theta = self.where(x.flatten(1)).view(-1, 2, 3)
            grid = F.affine_grid(theta, x.size(), align_corners=corners)
            found = F.grid_sample(x, grid, padding_mode=padding, align_corners=corners)
            return self.last(found.flatten(1))

    model, y = Transformer(), torch.randn(12, 3)
    wanted = nn.MSELoss()(model(IMAGES), y).item()
    found = defib.replay(model, IMAGES, y, loss=nn.MSELoss()).loss
    assert found == pytest.approx(wanted, rel=1e-5)
