"""When it died: trainings that break midway, measured at every step and dated by the report."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import defib  # noqa: E402

SAMPLES, BATCH, STEPS = 96, 24, 300


class Loop:
    """A training loop, in which a fault begins somewhere on the way."""

    rule = ""
    rate = 0.05
    activation = nn.ReLU
    outputs = 1
    loss = nn.MSELoss

    def __init__(self):
        torch.manual_seed(0)
        self.x = torch.randn(SAMPLES, 4)
        if self.outputs > 1:
            self.y = (self.x @ torch.randn(4, self.outputs)).argmax(dim=1)
        else:
            self.y = torch.sin(self.x @ torch.tensor([[1.0], [0.5], [-1.0], [0.3]]))
        torch.manual_seed(1)
        self.model = nn.Sequential(nn.Linear(4, 24), self.activation(), nn.Linear(24, self.outputs))
        self.optimizer = torch.optim.SGD(self.model.parameters(), self.rate)
        self.step, self.losses = 0, []

    def before(self, targets):
        """Change what the loop does in this step; return the targets of its batch."""
        return targets

    def after(self):
        """Change the weights after a step."""

    def broken(self):
        """Tell whether the fault is there."""
        raise NotImplementedError

    def train(self, path):
        """Train; return the run, and the first step from which on the fault is there to the end."""
        criterion = self.loss()
        recorder = defib.Recorder(
            path, self.model, loss=criterion, optimizer=self.optimizer, snapshots=8
        )
        began = None
        for self.step in range(1, STEPS + 1):
            first = (self.step - 1) * BATCH % SAMPLES
            targets = self.before(self.y[first : first + BATCH])
            loss = criterion(self.model(self.x[first : first + BATCH]), targets)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            with torch.no_grad():
                self.after()
                self.losses.append(loss.item())
                began = (began or self.step) if self.broken() else None
            recorder.step(loss)
            if first + BATCH == SAMPLES:
                recorder.epoch()
        self.optimizer.param_groups[0]["lr"] = self.rate
        return recorder.finish(self.x, self.y), began


class DeadByAHugeStep(Loop):
    rule = "dead-units"

    def before(self, targets):
        self.optimizer.param_groups[0]["lr"] = 25.0 if self.step == 120 else self.rate
        return targets

    def broken(self):
        dead = self.model[0](self.x).amax(dim=0) <= 0
        return dead.double().mean() > 0.1


class SaturatedByGrowth(Loop):
    rule = "saturated-units"
    activation = nn.Tanh
    rate = 0.02

    def after(self):
        if self.step > 60:
            self.model[0].weight *= 1.03
            self.model[0].bias *= 1.03

    def broken(self):
        flat = 1 - self.model[:2](self.x) ** 2 < 0.05
        return (flat.double().mean(dim=0) > 0.95).double().mean() > 0.1


class Divergence(Loop):
    rule = "diverging-loss"

    def before(self, targets):
        return targets + max(0, 0.3 * (self.step - 130))

    def broken(self):
        epochs = [sum(self.losses[i : i + 4]) for i in range(len(self.losses) - 3)]
        return bool(epochs) and epochs[-1] >= 1.5 * min(epochs)


class CollapseToOneClass(Loop):
    rule = "single-class"
    outputs = 3
    loss = nn.CrossEntropyLoss
    rate = 0.2

    def before(self, targets):
        return targets if self.step < 100 else torch.zeros_like(targets)

    def broken(self):
        return len(self.model(self.x).argmax(dim=1).unique()) == 1


class NotANumber(Loop):
    rule = "non-finite"

    def after(self):
        if self.step == 140:
            self.model[2].weight[0, 3] = float("inf")

    def broken(self):
        return not all(parameter.isfinite().all() for parameter in self.model.parameters())


@pytest.mark.parametrize("loop", Loop.__subclasses__(), ids=lambda loop: loop.__name__)
def test_the_report_dates_it_within_one_snapshot(tmp_path, loop):
    run, began = loop().train(tmp_path / "run")
    assert began is not None, "the training is sound"
    assert began > 1, "the fault was there from the start"
    report = defib.check(run)
    steps = [moment.step for moment in report.timeline]
    assert (steps[0], steps[-1], len(steps)) == (0, STEPS, 10)
    dated = [finding for finding in report.findings if finding.rule == loop.rule]
    assert dated, [finding.id for finding in report.findings]
    since = dated[0].since
    assert since is not None
    assert since.after is not None, str(since)
    early, late = steps.index(since.after), steps.index(since.step)
    assert late == early + 1
    if loop.rule == "diverging-loss":  # a recorded loss is smoothed, which takes some updates
        early = max(0, early - 1)
    assert steps[early] < began <= steps[late], f"began at {began}: {since}"
    assert since.epoch == -(-since.step // (SAMPLES // BATCH))
