"""The verdict: healthy only where learning was judged, and losses judged as the loop had them."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import defib  # noqa: E402

ROWS = 200


def regression(width=1):
    torch.manual_seed(0)
    x = torch.randn(ROWS, 4)
    y = (x @ torch.tensor([1.0, -2.0, 0.5, 0.0])).unsqueeze(1) + 0.05 * torch.randn(ROWS, 1)
    return x, y if width else y[:, 0]


def network():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))


def train(model, x, y, loss, steps=300, squeeze=False):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    history = []
    for _ in range(steps):
        optimizer.zero_grad()
        output = model(x)
        value = loss(output.squeeze(1) if squeeze else output, y)
        value.backward()
        optimizer.step()
        history.append(value.item())
    return {
        "loss": loss, "optimizer": optimizer, "initial": before, "history": history,
        "steps": steps, "batch_size": ROWS,
    }  # fmt: skip


def test_a_judged_sound_model_is_healthy():
    model, (x, y) = network(), regression()
    report = defib.check(model, x, y, **train(model, x, y, nn.MSELoss()))
    assert report.verdict == "healthy", report
    assert report.healthy
    assert report.missing == ()
    assert "Healthy" in str(report)


def test_without_a_loss_nothing_is_healthy():
    model, (x, _) = network(), regression()
    report = defib.check(model, x)
    assert report.verdict == "could-not-tell"
    assert not report.healthy
    assert "the loss and its targets (loss=, y)" in report.missing
    assert str(report).startswith("Could not tell")
    assert "hand over" in str(report)


def test_one_sample_cannot_be_judged():
    model, (x, y) = network(), regression()
    report = defib.check(model, x[:1], y[:1], loss=nn.MSELoss())
    assert report.verdict != "healthy"
    assert any("more samples" in sentence for sentence in report.missing)


def test_an_untrained_model_without_an_optimizer_cannot_be_judged():
    model, (x, y) = network(), regression()
    report = defib.check(model, x, y, loss=nn.MSELoss())
    assert report.verdict != "healthy"


def test_a_plainly_good_model_needs_no_optimizer():
    model, (x, y) = network(), regression()
    train(model, x, y, nn.MSELoss())
    report = defib.check(model, x, y, loss=nn.MSELoss())
    assert report.verdict == "healthy", report


def test_the_rows_that_carry_the_loss_count():
    """Six of six thousand rows make the loss enormous; no subsample need hold them."""
    torch.manual_seed(0)
    x = torch.randn(6000, 4)
    y = (x @ torch.tensor([1.0, -2.0, 0.5, 0.0])).unsqueeze(1)
    model = nn.Linear(4, 1)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[1.0, -2.0, 0.5, 0.0]]))
        model.bias.zero_()
    x[::1000] = 1e5
    report = defib.check(model, x, y, loss=nn.MSELoss(), history=[5.0, 1.0], epochs=2,
                         optimizer={"kind": "sgd", "learning_rate": 1e-3})  # fmt: skip
    assert not report.healthy


@pytest.mark.parametrize("loss", [nn.MSELoss(), nn.L1Loss(), nn.SmoothL1Loss()])
def test_a_loop_that_squeezed_is_told_by_its_history(loss):
    model, (x, y) = network(), regression(width=0)
    report = defib.check(model, x, y, **train(model, x, y, loss, squeeze=True))
    (found,) = [f for f in report.findings if f.rule == "broadcast-target"]
    assert found.severity == "note"
    assert "squeezed" in found.message
    assert report.verdict == "healthy", report


def test_a_loop_that_broadcast_is_told_by_its_history():
    model, (x, y) = network(), regression(width=0)
    with pytest.warns(UserWarning, match="different"):
        known = train(model, x, y, nn.MSELoss())
    report = defib.check(model, x, y, **known)
    assert report.causes[0].rule == "broadcast-target"
    assert report.causes[0].severity == "error"


@pytest.mark.parametrize("loss", [nn.BCEWithLogitsLoss(), nn.BCELoss()])
@pytest.mark.parametrize("columns", [True, False])
def test_a_loss_that_takes_no_two_shapes_was_squeezed(loss, columns):
    torch.manual_seed(0)
    x = torch.randn(ROWS, 4)
    y = (x[:, 0] > 0).float()
    layers = [nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)]
    layers += [nn.Sigmoid()] if isinstance(loss, nn.BCELoss) else []
    model = nn.Sequential(*layers)
    known = train(model, x, y, loss, squeeze=True)
    if not columns:
        model, y = nn.Sequential(*layers, nn.Flatten(0)), y.unsqueeze(1)
        known.pop("initial")
    report = defib.check(model, x, y, **known)
    assert not [f for f in report.findings if f.severity == "error"], report
    assert "squeezed" in next(f for f in report.findings if f.rule == "broadcast-target").message
    wanted = loss(model(x).reshape(-1), y.reshape(-1)).item()
    replay = defib.replay(model, x, y, loss=loss)
    assert replay.loss == pytest.approx(wanted, rel=1e-4)


def test_memory_is_bounded_on_request():
    model, (x, y) = network(), regression()
    with pytest.raises(defib.EngineError, match="needs"):
        defib.check(model, x, y, loss=nn.MSELoss(), memory=1000)
    defib.check(model, x, y, loss=nn.MSELoss(), memory=1 << 28)
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(defib.InvalidArgument, match="memory"):
            defib.replay(model, x, y, loss=nn.MSELoss(), memory=wrong)
    assert np.isfinite(defib.replay(model, x, y, loss=nn.MSELoss(), memory=1 << 28).loss)
