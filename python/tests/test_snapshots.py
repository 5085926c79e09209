"""Snapshots: exported from states, recorded along a training, and read by the engine."""

import copy
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import defib  # noqa: E402
from defib.integrations.moments import Moments  # noqa: E402


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1))


def data(rows=20):
    torch.manual_seed(9)
    return torch.randn(rows, 3), torch.randn(rows, 1)


def states(count):
    return [copy.deepcopy(network(1 + i).state_dict()) for i in range(count)]


def export(path, **settings):
    x, y = data()
    settings = {"loss": nn.MSELoss(), "batch_size": 5, "epochs": 5} | settings
    return defib.export(path, network(), x, y, **settings)


def steps(run):
    return [entry["step"] for entry in run.to_dict().get("snapshots", [])]


def test_a_dict_names_the_steps(tmp_path):
    held = states(2)
    run = export(tmp_path / "run", snapshots={12: held[1], 3: held[0]})
    entries = run.to_dict()["snapshots"]
    assert [entry["step"] for entry in entries] == [3, 12]
    assert set(entries[0]["parameters"]) == {
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "3.weight",
        "3.bias",
    }  # fmt: skip
    for entry, state in zip(entries, held, strict=True):
        for name, path in entry["parameters"].items():
            assert path.startswith(f"snapshots/{entry['step']}/")
            assert np.array_equal(np.load(run.path / path), state[name].numpy())
    moments = defib.check(run).to_dict()["timeline"]["moments"]
    assert [m["step"] for m in moments] == [3, 12, 20]


@pytest.mark.parametrize(
    ("settings", "count", "expected"),
    [
        ({"steps": 100}, 4, [25, 50, 75, 100]),
        ({}, 5, [4, 8, 12, 16, 20]),
        ({"steps": 1000}, 100, None),
    ],
)
def test_a_list_is_spaced_evenly(tmp_path, settings, count, expected):
    run = export(tmp_path / "run", snapshots=states(count), **settings)
    if expected is None:
        assert len(steps(run)) == 64
        assert steps(run)[0] == 10
        assert steps(run)[-1] == 1000
    else:
        assert steps(run) == expected


def test_models_and_lists_of_arrays_are_states(tmp_path):
    other = network(3)
    arrays = [p.detach().numpy().copy() for p in network(4).parameters()]
    run = export(tmp_path / "run", snapshots={1: other, 2: arrays})
    first, second = (entry["parameters"]["3.bias"] for entry in run.to_dict()["snapshots"])
    assert np.array_equal(np.load(run.path / first), other[3].bias.detach().numpy())
    assert np.array_equal(np.load(run.path / second), arrays[-1])


def test_a_check_in_memory_takes_them(tmp_path):
    x, y = data()
    settings = {"loss": nn.MSELoss(), "batch_size": 5, "snapshots": {7: states(1)[0]}}
    report = defib.check(network(), x, y, **settings)
    assert [m["step"] for m in report.to_dict()["timeline"]["moments"]] == [7, None]
    run = defib.export(tmp_path / "run", network(), x, y, **settings)
    assert defib.check(run).to_dict()["timeline"] == report.to_dict()["timeline"]


def test_many_samples_are_replayed_in_part():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.Linear(256, 1))
    x, y = torch.randn(3000, 64), torch.randn(3000, 1)
    kept = {step: copy.deepcopy(model.state_dict()) for step in (10, 100)}
    kept[100]["0.bias"][:100] = -1e6
    settings = {"loss": nn.MSELoss(), "batch_size": 50, "steps": 200, "snapshots": kept}
    reports = [defib.check(model, x, y, workers=n, **settings) for n in (1, 2, 3, 7)]
    samples = reports[0].to_dict()["timeline"]["samples"]
    assert 32 <= samples < 3000
    assert f"Along the way, on {samples} of 3000 samples" in str(reports[0])
    assert [moment.dead_units for moment in reports[0].timeline] == [0, 100, 0]
    assert len({report.to_json() for report in reports}) == 1


def _state(**changes):
    return states(1)[0] | changes


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": None, "snapshots": states(2)}, "nothing tells how many updates"),
        ({"steps": 1, "snapshots": states(2)}, "has 2 states of a training of 1 updates"),
        ({"snapshots": 3}, "snapshots is int; expected a list"),
        ({"snapshots": _state()}, "snapshots has the key '0.weight'; expected the number"),
        ({"snapshots": {-1: _state()}}, "snapshots has the key -1"),
        ({"snapshots": {4: 3}}, "a snapshot is int"),
        ({"snapshots": {4: [np.zeros(2)]}}, "a snapshot has 1 arrays; the model has 6"),
        ({"snapshots": {4: _state(other=torch.zeros(1))}}, "step 4 names ['other']"),
        ({"snapshots": {4: {"0.weight": torch.zeros(4, 3)}}}, "step 4 lacks the parameter 0.bias"),
        ({"snapshots": {4: _state(**{"3.bias": torch.zeros(2)})}}, "3.bias has shape (2,)"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, settings, message):
    with pytest.raises(defib.ExportError) as caught:
        export(tmp_path / "run", **settings)
    assert message in str(caught.value)


def test_states_that_nobody_copied_are_left_out(tmp_path):
    model, (x, y) = network(), data()
    with pytest.warns(defib.DefibWarning, match="snapshots: that of step 1 and others shares"):
        run = defib.export(
            tmp_path / "run", model, x, y, loss=nn.MSELoss(),
            snapshots={1: model.state_dict(), 2: model.state_dict(), 3: states(1)[0]},
        )  # fmt: skip
    assert steps(run) == [3]


def test_no_replay_is_changed_by_them(tmp_path):
    plain = export(tmp_path / "a")
    full = export(tmp_path / "b", snapshots=states(3))
    assert defib.replay(plain).loss == defib.replay(full).loss


@pytest.mark.parametrize("length", [1, 5, 30, 1000, 100_000])
@pytest.mark.parametrize("limit", [1, 2, 3, 8, 16])
def test_moments_are_few_and_evenly_spaced_on_a_logarithmic_scale(length, limit):
    copies = []

    def take(spare):
        copies.append(spare)
        return [] if spare is None else spare

    moments = Moments(limit, take)
    for update in range(1, length + 1):
        moments.reach(update)
    held = sorted(moments.states)
    assert len(held) == min(limit, len(copies))
    assert held[-1] <= length
    assert sum(spare is None for spare in copies) <= limit
    assert len(copies) <= 2 * np.log2(length) + 3
    if limit >= 8:
        # No gap is more than twice as wide as an even one would be.
        even = (length / held[0]) ** (1 / len(held))
        gaps = np.array([*held[1:], length]) / np.array(held)
        assert gaps.max() <= max(2, even**2 + 1)
        assert held[0] == 1 or length > 30


@pytest.mark.parametrize("limit", [-1, 65, True, 2.5])
def test_a_recorder_keeps_so_many(tmp_path, limit):
    with pytest.raises(defib.InvalidArgument, match="snapshots is"):
        defib.Recorder(tmp_path / "run", network(), snapshots=limit)


def recorded(path, each=lambda recorder, loss: recorder.step(loss), **settings):
    model, (x, y) = network(), data()
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    recorder = defib.Recorder(path, model, loss=nn.MSELoss(), optimizer=optimizer, **settings)
    seen = {}
    for epoch in range(10):
        for first in range(0, 20, 5):
            loss = nn.functional.mse_loss(model(x[first : first + 5]), y[first : first + 5])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            each(recorder, loss)
            seen[4 * epoch + first // 5 + 1] = copy.deepcopy(model.state_dict())
        recorder.epoch()
    return recorder.finish(x, y), seen


def test_a_recorder_copies_the_weights_of_then(tmp_path):
    run, seen = recorded(tmp_path / "run", snapshots=5)
    entries = run.to_dict()["snapshots"]
    assert len(entries) == 5
    assert entries[0]["step"] == 1
    for entry in entries:
        for name, path in entry["parameters"].items():
            expected = seen[entry["step"]][name].numpy()
            assert np.array_equal(np.load(run.path / path), expected)
    moments = defib.check(run).to_dict()["timeline"]["moments"]
    assert [m["when"] for m in moments] == ["start", *["update"] * 5, "end"]
    assert moments[-1]["step"] == 40
    assert moments[-1]["epoch"] == 10


def test_a_recorder_that_hears_of_epochs_alone_counts_by_them(tmp_path):
    run, seen = recorded(tmp_path / "run", each=lambda *_: None, snapshots=4)
    for entry in run.to_dict()["snapshots"]:
        assert entry["step"] % 4 == 0
        expected = seen[entry["step"]]["3.bias"].numpy()
        assert np.array_equal(np.load(run.path / entry["parameters"]["3.bias"]), expected)


def test_a_recorder_may_keep_none(tmp_path):
    run, _ = recorded(tmp_path / "run", snapshots=0)
    assert "snapshots" not in json.loads((run.path / "run.json").read_text())


def test_a_network_of_arrays_is_recorded_too(tmp_path):
    rng = np.random.default_rng(0)
    w = rng.standard_normal((2, 1)).astype(np.float32)
    x = rng.standard_normal((30, 2)).astype(np.float32)
    y = x @ np.array([[1.0], [-1.0]], np.float32)
    model = defib.Sequential(defib.Dense(w))
    recorder = defib.Recorder(tmp_path / "run", model, loss="mse")
    seen = {}
    for step in range(1, 21):
        error = x @ w - y
        w -= 0.2 * x.T @ error / len(x)
        recorder.step(float((error**2).mean()))
        seen[step] = w.copy()
    for entry in recorder.finish(x, y).to_dict()["snapshots"]:
        path = next(iter(entry["parameters"].values()))
        assert np.array_equal(np.load(tmp_path / "run" / path), seen[entry["step"]])
