"""Every export of a torch model is proved: what a graph cannot show is honoured or refused."""

# ruff: noqa: ARG005, A002, A006 - hooks and converters take what torch hands them

import copy
import random

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch_unseen import (  # noqa: E402
    Middle,
    Reversal,
    Scaled,
    StraightThrough,
    Through,
    hooked,
    inference_free_mask,
)

import defib  # noqa: E402
from defib.exporters import samples  # noqa: E402

ROWS = 40


def data():
    torch.manual_seed(0)
    return torch.randn(ROWS, 5), torch.randn(ROWS, 1)


def honoured(model, x, y, loss=None):
    """Whether a replay of the export has the gradients of the model itself."""
    loss = loss or nn.MSELoss()
    model.zero_grad()
    loss(model(x), y).backward()
    wanted = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    found = defib.replay(model, x, y, loss=loss, verify=True).gradients
    for name, gradient in wanted.items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-3, atol=1e-5)


def right_or_refused(model, x, y, loss=None, match=""):
    try:
        honoured(model, x, y, loss)
    except defib.ExportError as error:
        if match not in str(error):
            raise


@pytest.mark.parametrize(
    ("middle", "named"),
    [(Middle(Reversal.apply), "Reversal"), (Middle(StraightThrough.apply), "StraightThrough")],
)
def test_what_bends_gradients_is_refused_by_name(middle, named):
    model = Through(middle)
    with pytest.raises(defib.ExportError) as error:
        defib.check(model, *data(), loss=nn.MSELoss())
    assert named in str(error.value)


@pytest.mark.parametrize("function", [Scaled.apply, inference_free_mask])
def test_what_does_no_harm_is_exported(function):
    model = Through(Middle(function))
    honoured(model, *data())


@pytest.mark.parametrize(
    "kind", ["forward", "pre", "container", "in place", "backward", "backward pre", "parameter"]
)
@pytest.mark.parametrize("verify", [True, False])
def test_hooks_are_honoured_or_named(kind, verify):
    model = hooked(kind)
    if verify:
        right_or_refused(model, *data(), match="hook")
    elif kind in ("forward", "pre", "container", "in place"):
        x, y = data()
        replay = defib.replay(model, x, y, loss=nn.MSELoss(), verify=False)
        (output,) = replay.outputs.values()
        np.testing.assert_allclose(output, model(x).detach(), rtol=1e-4, atol=1e-5)


def test_hooks_that_look_on_are_let_be():
    model = hooked("none")
    seen = []
    model[1].register_forward_hook(lambda module, args, result: seen.append(result.std().item()))
    honoured(model, *data())
    assert seen
    assert all(isinstance(value, float) for value in seen)


@pytest.mark.parametrize("verify", [True, False])
def test_gradients_by_frequency_are_refused(verify):
    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(7, 4, scale_grad_by_freq=True)
            self.head = nn.Linear(4, 1)

        def forward(self, x):
            return self.head(self.table(x).mean(dim=1))

    x = torch.randint(0, 3, (ROWS, 6))
    with pytest.raises(defib.ExportError, match="frequency"):
        defib.check(Words(), x, torch.randn(ROWS, 1), loss=nn.MSELoss(), verify=verify)


def everything(model):
    state = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    gradients = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    return state, modes, gradients


def test_the_model_is_left_as_it_was():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.calls, self.last = 0, None
            self.net = nn.Sequential(
                nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 1)
            )

        def forward(self, x):
            self.calls += 1
            self.last = x
            return self.net(x)

    model = Counting()
    x, y = data()
    model.net[2].eval()
    nn.MSELoss()(model(x), y).backward()
    before, last = everything(model), model.last
    numbers = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    defib.check(model, x, y, loss=nn.MSELoss())
    after = everything(model)
    assert all(torch.equal(before[0][name], after[0][name]) for name in before[0])
    assert before[1] == after[1]
    assert all(torch.equal(a, b) for a, b in zip(before[2], after[2], strict=True))
    assert model.calls == 1
    assert model.last is last
    assert torch.equal(numbers[0], torch.get_rng_state())
    assert (numbers[1] == np.random.get_state()[1]).all()
    assert numbers[2] == random.getstate()


def test_a_wrong_conversion_is_found_at_its_layer(monkeypatch):
    from defib.exporters.torch.registry import METHODS, MODULES

    def wrong(call, input):
        return call.emit("Relu", str(call.tensor(input)))

    # Both ways of tracing must be wrong: where one is, the other one is taken.
    monkeypatch.setitem(MODULES, nn.GELU, lambda call, owner, input: wrong(call, input))
    model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 8), nn.GELU(), nn.Linear(8, 1))
    defib.check(model, *data(), loss=nn.MSELoss())
    monkeypatch.setitem(METHODS, "gelu", lambda call, input, **_: wrong(call, input))
    with pytest.raises(defib.UnfaithfulExport, match=r"part at layer 3 \(GELU\)"):
        defib.check(model, *data(), loss=nn.MSELoss())
    defib.check(model, *data(), loss=nn.MSELoss(), verify=False)


def test_a_wrong_loss_is_found(monkeypatch):
    from defib.exporters.torch import entries

    monkeypatch.setitem(entries._CRITERIA, nn.L1Loss, lambda _: {"kind": "mse"})
    model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1))
    with pytest.raises(defib.UnfaithfulExport, match="the loss"):
        defib.check(model, *data(), loss=nn.L1Loss())


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("depth", [2, 50])
def test_ill_conditioned_models_are_no_false_alarm(scale, depth):
    torch.manual_seed(1)
    layers = [m for _ in range(depth) for m in (nn.Linear(16, 16), nn.BatchNorm1d(16), nn.ReLU())]
    model = nn.Sequential(nn.Linear(5, 16), *layers, nn.Linear(16, 1))
    x, y = data()
    defib.replay(model, x * scale, y, loss=nn.MSELoss())


def test_long_recurrences_and_dead_networks_are_no_false_alarm():
    class Steps(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(3, 12, num_layers=2, batch_first=True, dropout=0.3)
            self.head = nn.Linear(12, 1)

        def forward(self, x):
            return self.head(self.rnn(x)[0][:, -1])

    defib.replay(Steps(), torch.randn(ROWS, 100, 3), torch.randn(ROWS, 1), loss=nn.MSELoss())
    dead = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1))
    with torch.no_grad():
        dead[0].bias.fill_(-1e9)
    defib.replay(dead, *data(), loss=nn.MSELoss())
    with torch.no_grad():
        dead[0].weight.fill_(float("nan"))
    defib.replay(dead, *data(), loss=nn.MSELoss())
    huge = copy.deepcopy(dead)
    with torch.no_grad():
        huge[0].weight.fill_(1e30)
        huge[2].weight.fill_(1e30)
    defib.replay(huge, *data(), loss=nn.MSELoss())


def test_a_proof_takes_a_few_rows_whatever_the_data(monkeypatch):
    rows = []
    cut = samples.cut
    monkeypatch.setattr(samples, "cut", lambda d, r: rows.append(len(r)) or cut(d, r))
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1))
    defib.replay(model, torch.randn(50_000, 5), torch.randn(50_000, 1), loss=nn.MSELoss())
    assert rows == [samples.ROWS]


def test_float64_and_half_models_are_proved_in_float32():
    for kind in (torch.float64, torch.bfloat16):
        model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1)).to(kind)
        x, y = data()
        defib.replay(model, x, y, loss=nn.MSELoss())


def test_a_copy_in_training_mode_alone_differs():
    class Moody(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(5, 1)

        def forward(self, x):
            y = self.fc(x)
            return y * 2 if self.training else y

    model = Moody()
    honoured(model, *data())
    honoured(model.eval().train(), *data())
