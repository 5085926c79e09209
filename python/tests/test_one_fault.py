"""One fault of a real training is one cause, whatever it shows in."""

from __future__ import annotations

import copy

import pytest

torch = pytest.importorskip("torch")

import defib  # noqa: E402

nn = torch.nn


def _data() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(200, 3, generator=generator)
    return x, x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3


def _model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))


def _check(model, optimizer, *, step=True, rows=20, copied=True):
    x, y = _data()
    before = copy.deepcopy(model.state_dict())
    criterion, history = nn.MSELoss(), []
    for _ in range(15):
        total = 0.0
        for batch in range(0, 200, rows):
            optimizer.zero_grad()
            loss = criterion(model(x[batch : batch + rows]), y[batch : batch + rows])
            loss.backward()
            if step:
                optimizer.step()
            total += loss.item() * rows / 200
        history.append(total)
    if not copied:
        before = copy.deepcopy(model.state_dict())
    return defib.check(
        model, x, y, loss=criterion, optimizer=optimizer, batch_size=rows, epochs=15,
        history=history, initial=before,
    )  # fmt: skip


def _rules(report):
    return [cause.rule for cause in report.causes]


def test_no_step_is_one_error():
    model = _model()
    report = _check(model, torch.optim.SGD(model.parameters(), 0.05), step=False)
    assert _rules(report) == ["unstepped-optimizer"]
    cause = report.causes[0]
    assert cause.severity == "error"
    assert {place.name for place in cause.places} == set(model.state_dict())
    assert cause.places[0] == cause.place


def test_weights_that_were_not_copied_are_no_fault():
    model = _model()
    report = _check(model, torch.optim.SGD(model.parameters(), 0.05), copied=False)
    assert "unchanged-weights" not in {finding.rule for finding in report.findings}
    assert "deepcopy" in report.not_checked["unchanged-weights"]
    assert report.healthy


def test_the_optimizer_of_another_model_is_one_cause():
    model = _model()
    report = _check(model, torch.optim.Adam(_model().parameters(), 0.01))
    assert _rules(report) == ["unoptimized-parameters"]
    assert len(report.causes[0].places) == 4
    assert "momentum 0.9" not in str(report)


def test_a_head_that_was_replaced_after_the_optimizer_was_made():
    model = _model()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    model[2] = nn.Linear(16, 1)
    model[0] = nn.Linear(3, 16)
    optimizer.add_param_group({"params": [model[2].bias]})
    report = _check(model, optimizer)
    assert _rules(report)[0] == "unoptimized-parameters"
    assert {place.name for place in report.causes[0].places} == {
        "0.weight", "0.bias", "2.weight",
    }  # fmt: skip


def test_a_backbone_frozen_on_purpose_is_silent():
    model = _model()
    for parameter in model[0].parameters():
        parameter.requires_grad = False
    report = _check(model, torch.optim.Adam(model[2].parameters(), 0.01))
    rules = {finding.rule for finding in report.findings}
    assert not rules & {"unoptimized-parameters", "unchanged-weights"}


def test_nan_is_one_cause():
    model = _model()
    report = _check(model, torch.optim.SGD(model.parameters(), 1e4))
    found = [finding for finding in report.findings if finding.rule == "non-finite"]
    assert len(found) <= 1
    assert len(report.causes) == 1


def test_the_logarithm_of_zero_is_found_at_the_start():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(1)
            self.hidden, self.head = nn.Linear(3, 8), nn.Linear(8, 1)

        def forward(self, x):
            return self.head(torch.log(torch.relu(self.hidden(x))))

    model = Net()
    report = _check(model, torch.optim.Adam(model.parameters(), 1e-3))
    assert _rules(report) == ["non-finite"]
    cause = report.causes[0]
    assert "logarithm of 0" in cause.message
    assert "log(x + 1e-8)" in cause.remedy
    assert {place.name for place in cause.places if place.kind == "parameter"} == set(
        model.state_dict()
    )
