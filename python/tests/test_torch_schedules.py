"""PyTorch's schedulers, played again: the rate of every update of a training is in the run."""

import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.optim import lr_scheduler as kinds  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402
from defib.exporters.schedules import rate_at  # noqa: E402

X, Y = torch.ones(32, 3), torch.ones(32, 1)
UPDATES = 60


class Halving(kinds.LRScheduler):
    """A scheduler of the user's own, in the form that depends on the rate of now."""

    def get_lr(self):
        if self.last_epoch == 0 or self.last_epoch % 7:
            return [group["lr"] for group in self.optimizer.param_groups]
        return [group["lr"] / 2 for group in self.optimizer.param_groups]


class Worsening(kinds.LRScheduler):
    """One that counts for itself, which a repetition cannot know of."""

    calls = 0

    def get_lr(self):
        type(self).calls += 1
        return [base / type(self).calls for base in self.base_lrs]


def warm(o):
    return kinds.LinearLR(o, 0.1, 1, 10)


MAKERS = {
    "step": lambda o: kinds.StepLR(o, 20),
    "milestones": lambda o: kinds.MultiStepLR(o, [3, 5, 30], 0.3),
    "exponential": lambda o: kinds.ExponentialLR(o, 0.93),
    "cosine": lambda o: kinds.CosineAnnealingLR(o, UPDATES),
    "restarts": lambda o: kinds.CosineAnnealingWarmRestarts(o, 13, 2),
    "one cycle": lambda o: kinds.OneCycleLR(o, 0.5, total_steps=UPDATES + 1),
    "cyclic": lambda o: kinds.CyclicLR(o, 0.01, 0.1, 7, mode="exp_range", gamma=0.99),
    "lambda": lambda o: kinds.LambdaLR(o, lambda step: 1 / (1 + step)),
    "multiplied": lambda o: kinds.MultiplicativeLR(o, lambda step: 0.95),  # noqa: ARG005
    "polynomial": lambda o: kinds.PolynomialLR(o, UPDATES, 2),
    "constant": lambda o: kinds.ConstantLR(o, 0.1, 4),
    "sequence": lambda o: kinds.SequentialLR(o, [warm(o), kinds.CosineAnnealingLR(o, 50)], [10]),
    "chain": lambda o: kinds.ChainedScheduler([warm(o), kinds.ExponentialLR(o, 0.97)]),
    "list": lambda o: [warm(o), kinds.ExponentialLR(o, 0.97)],
    "own": Halving,
}


def trained(make, every=1, groups=False, count=UPDATES, of=torch.optim.SGD):
    """Return model, optimizer, scheduler and the rate of each update."""
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1))
    parts = [{"params": part.parameters(), "lr": 0.1 * (i + 1)} for i, part in enumerate(model)]
    optimizer = of(parts if groups else model.parameters(), lr=0.1, **MOMENTUM[of])
    scheduler, rates = make(optimizer), []
    for update in range(count):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if (update + 1) % every == 0:
            for each in scheduler if isinstance(scheduler, list) else [scheduler]:
                each.step(*[1.0] * isinstance(each, kinds.ReduceLROnPlateau))
    return model, optimizer, scheduler, rates


MOMENTUM = {torch.optim.SGD: {"momentum": 0.9}, torch.optim.Adam: {}}


def exported(model, optimizer, scheduler, **settings):
    given = Settings(
        loss=nn.MSELoss(), optimizer=optimizer, scheduler=scheduler, verify=False, **settings
    )
    return build(model, X, Y, given).training


@pytest.mark.parametrize("every", [1, 10])
@pytest.mark.parametrize("name", MAKERS)
def test_every_rate_is_in_the_run(name, every):
    model, optimizer, scheduler, rates = trained(MAKERS[name], every)
    with warnings.catch_warnings():
        warnings.simplefilter("error", defib.DefibWarning)
        training = exported(model, optimizer, scheduler, steps=UPDATES, epochs=UPDATES // 10)
    entry = training["optimizer"]
    schedule = entry.get("schedule", {"updates": [0], "rates": [entry["learning_rate"]]})
    assert [rate_at(schedule, u) for u in range(UPDATES)] == pytest.approx(rates, rel=0.01)
    now = optimizer.param_groups[0]["lr"]
    assert entry.get("current_learning_rate", entry["learning_rate"]) == now


def test_a_copy_is_played_and_the_users_own_is_left_alone():
    model, optimizer, scheduler, _ = trained(MAKERS["sequence"])
    before = str(scheduler.state_dict()), str(optimizer.state_dict())
    exported(model, optimizer, scheduler, steps=UPDATES)
    assert before == (str(scheduler.state_dict()), str(optimizer.state_dict()))


def test_a_scheduler_tells_its_optimizer():
    model, _, scheduler, _ = trained(MAKERS["step"], of=torch.optim.Adam)
    assert exported(model, None, scheduler)["optimizer"]["kind"] == "adam"


def test_momentum_that_cycles_needs_no_momentum_of_the_run():
    model, optimizer, scheduler, rates = trained(MAKERS["one cycle"], of=torch.optim.Adam)
    found = exported(model, optimizer, scheduler, steps=UPDATES)["optimizer"]["schedule"]
    assert [rate_at(found, u) for u in range(UPDATES)] == pytest.approx(rates, rel=0.01)


def test_groups_that_go_together_are_one_schedule():
    model, optimizer, scheduler, _ = trained(MAKERS["step"], groups=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error", defib.DefibWarning)
        entry = exported(model, optimizer, scheduler, steps=UPDATES)["optimizer"]
    assert entry["schedule"]["rates"] == pytest.approx([0.1, 0.01, 0.001])
    assert entry["groups"][1]["learning_rate"] == 0.2


def test_groups_that_go_apart_are_a_warning():
    def apart(o):
        return kinds.LambdaLR(o, [lambda step: 0.9**step, lambda step: 0.5**step])

    model, optimizer, scheduler, _ = trained(apart, groups=True)
    with pytest.warns(defib.DefibWarning, match="schedules of their own"):
        assert "schedule" in exported(model, optimizer, scheduler)["optimizer"]


def test_a_long_training_has_few_knots():
    model, optimizer, scheduler, rates = trained(
        lambda o: kinds.CosineAnnealingLR(o, 20_000, 1e-3), count=20_000
    )
    found = exported(model, optimizer, scheduler, steps=20_000)["optimizer"]["schedule"]
    assert len(found["updates"]) < 60
    looked = range(0, 20_000, 37)
    assert [rate_at(found, u) for u in looked] == pytest.approx(
        [rates[u] for u in looked], rel=0.01
    )


def test_a_plateau_leaves_the_first_rate_and_the_present_one():
    model, optimizer, scheduler, _ = trained(
        lambda o: kinds.ReduceLROnPlateau(o, factor=0.1, patience=40)
    )
    with pytest.warns(defib.DefibWarning, match="ReduceLROnPlateau did depends on the losses"):
        entry = exported(model, optimizer, scheduler, steps=UPDATES)["optimizer"]
    assert "schedule" not in entry
    assert entry["learning_rate"] == 0.1
    assert entry["current_learning_rate"] == pytest.approx(0.01)


def test_what_cannot_be_repeated_is_a_warning():
    model, optimizer, scheduler, _ = trained(Worsening)
    with pytest.warns(defib.DefibWarning, match="lead to the rate"):
        assert "schedule" not in exported(model, optimizer, scheduler)["optimizer"]
    model, optimizer, scheduler, _ = trained(MAKERS["step"])
    optimizer.param_groups[0]["lr"] = 0.5
    with pytest.warns(defib.DefibWarning, match="the optimizer has 0.5"):
        exported(model, optimizer, scheduler)
    _, _, other, _ = trained(MAKERS["step"])
    with pytest.warns(defib.DefibWarning, match="another optimizer than the one"):
        exported(model, optimizer, other)


def test_schedulers_of_other_packages_are_a_warning():
    class Theirs:
        def __init__(self, optimizer):
            self.optimizer = optimizer

        def step(self):
            """Do nothing."""

    model, optimizer, scheduler, _ = trained(Theirs)
    with pytest.warns(defib.DefibWarning, match="Theirs is no scheduler of PyTorch"):
        exported(model, optimizer, scheduler)


@pytest.mark.parametrize("wrong", [3, "cosine", nn.Linear(1, 1), []])
def test_what_is_no_scheduler_is_named(wrong):
    model, optimizer, _, _ = trained(MAKERS["step"])
    with pytest.raises(defib.ExportError, match="scheduler is"):
        exported(model, optimizer, wrong)


def test_schedulers_and_rates_do_not_mix():
    model, optimizer, scheduler, _ = trained(MAKERS["step"])
    with pytest.raises(defib.ExportError, match="scheduler holds float"):
        exported(model, optimizer, [scheduler, 0.1])


def test_an_optimizer_counts_the_updates():
    model = nn.Linear(3, 1)
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(7):
        nn.MSELoss()(model(X), Y).backward()
        optimizer.step()
    assert exported(model, optimizer, None, batch_size=8)["steps"] == 7
    assert exported(model, optimizer, None, batch_size=8, steps=3)["steps"] == 3
    assert "steps" not in exported(model, optimizer, None, batch_size=8, epochs=2)
    assert "steps" not in exported(model, optimizer, None, batch_size=8, history=[1.0, 2.0])
    assert "steps" not in exported(model, optimizer, None)  # of what size, nobody knows
    optimizer.state[model.bias]["step"] += 1
    assert "steps" not in exported(model, optimizer, None, batch_size=8)


def test_a_recorder_notes_a_rate_that_changes(tmp_path):
    def recorded(make, before):
        model = nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.8)
        scheduler = make(optimizer)
        recorder = defib.Recorder(
            tmp_path / "run", model, loss=nn.MSELoss(), optimizer=optimizer, clip=2.0
        )
        for _ in range(4):
            loss = nn.MSELoss()(model(X), Y)
            optimizer.step()
            if before:
                scheduler.step()
            recorder.step(loss)
            if not before:
                scheduler.step()
        run = recorder.finish(X, Y)
        assert run.to_dict()["training"]["clip"] == {"norm": 2.0}
        entry = run.to_dict()["history"].get("learning_rate")
        return entry and (entry["per"], np.load(run.path / entry["file"]).tolist())

    halving = lambda o: kinds.StepLR(o, 1, 0.5)  # noqa: E731
    assert recorded(halving, before=False) == ("step", [0.8, 0.4, 0.2, 0.1])
    assert recorded(halving, before=True) == ("step", [0.8, 0.4, 0.2, 0.1])
    assert recorded(lambda o: kinds.StepLR(o, 9), before=True) is None


def test_a_rate_that_the_script_notes_is_kept(tmp_path):
    model = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.8)
    recorder = defib.Recorder(tmp_path / "run", model, loss=nn.MSELoss(), optimizer=optimizer)
    for rate in (0.8, 0.4):
        optimizer.param_groups[0]["lr"] = rate
        recorder.step(1.0, lr=rate / 2)
    run = recorder.finish(X, Y)
    history = run.to_dict()["history"]
    assert sorted(history) == ["loss", "lr"]
    assert np.load(run.path / history["lr"]["file"]).tolist() == [0.4, 0.2]
