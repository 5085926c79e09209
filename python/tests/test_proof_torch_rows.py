"""Which rows prove an export, what they cost, and what could hide a difference."""

# ruff: noqa: ARG005 - hooks take what torch hands them

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402
from torch_through import MSE, ROWS, Through, data, refused, through  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build, proof, samples  # noqa: E402


def bent(model):
    model.c.register_full_backward_hook(lambda m, give, got: (give[0] * 3,))
    return model


def test_rows_without_values_do_not_hide_a_difference():
    x, y = data()
    x[0, 0], x[3, 2], x[15] = float("nan"), float("nan"), float("inf")
    with pytest.raises(defib.UnfaithfulExport, match="backward hook"):
        defib.check(bent(through()), x, y, loss=MSE)


def test_a_model_that_fits_exactly_does_not_hide_a_difference():
    x, _ = data()
    model = through()
    y = model(x).detach()
    defib.check(model, x, y, loss=MSE)
    with pytest.raises(defib.UnfaithfulExport, match="backward hook"):
        defib.check(bent(model), x, y, loss=MSE)


def test_ignored_targets_do_not_hide_a_difference():
    class Classes(Through):
        def __init__(self):
            super().__init__(lambda self, x: self.c(x))
            self.b = nn.Linear(8, 4)

    x, _ = data()
    y = torch.full((ROWS,), -100)
    y[5] = 2
    defib.check(Classes(), x, y, loss=nn.CrossEntropyLoss())
    with pytest.raises(defib.UnfaithfulExport, match="backward hook"):
        defib.check(bent(Classes()), x, y, loss=nn.CrossEntropyLoss())


def test_the_rows_with_the_largest_values_and_the_most_zeros_are_taken(monkeypatch):
    rows = []
    cut = samples.cut
    monkeypatch.setattr(samples, "cut", lambda d, r: rows.append(list(r)) or cut(d, r))
    x, y = torch.rand(300, 5) + 1, torch.randn(300, 1)
    x[123], x[201, 3] = 0, -50
    defib.replay(through(), x, y, loss=MSE)
    assert {123, 201} <= set(rows[0])
    assert len(rows[0]) == samples.ROWS


def test_a_model_of_ten_million_parameters_costs_one_batch(monkeypatch):
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(5, 3200), nn.ReLU(), nn.Linear(3200, 3200))
            self.head = nn.Linear(3200, 1)
            self.seen = seen

        def forward(self, x):
            if isinstance(x, torch.Tensor):
                self.seen.count.append(len(x))
            return self.head(torch.relu(self.net(x)))

    class Seen:
        def __init__(self):
            self.count = []

    seen, replayed = Seen(), []
    replay = proof.replayed
    monkeypatch.setattr(proof, "replayed", lambda s: replayed.append(len(s.rows)) or replay(s))
    model = Counting()
    assert sum(p.numel() for p in model.parameters()) > 10_000_000
    x, y = torch.randn(1000, 5), torch.randn(1000, 1)
    build(model, x, y, Settings(loss=MSE))
    assert [n for n in seen.count if n == samples.ROWS] == [samples.ROWS]
    assert max(seen.count) <= samples.ROWS
    assert replayed == [samples.ROWS]


def test_what_cannot_be_proved_says_so():
    class Fixed(Through):
        def forward(self, x):
            y = super().forward(x)
            if not isinstance(y, torch.fx.Proxy) and len(x) == samples.ROWS:
                raise ValueError("no such batches")
            return y

    model = Fixed(lambda self, x: F.relu(self.c(x)))
    with pytest.warns(defib.DefibWarning, match="could not be proved"):
        defib.check(model, *data(), loss=MSE)
    model.a.register_forward_hook(lambda m, args, result: result * 2)
    refused(model, "forward hook")
