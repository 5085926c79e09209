"""Learning rates as the schedule of run.json, clips and accumulation, as users write them."""

import json

import numpy as np
import pytest

import defib
from defib.exporters import Settings, build, schedules
from defib.exporters.schedules import Pace, rate_at

X, Y = np.ones((40, 2), np.float32), np.ones((40, 1), np.float32)
SGD = {"kind": "sgd", "learning_rate": 0.1}


def training(**settings):
    model = defib.Sequential(defib.Dense(np.ones((2, 1)), np.zeros(1)))
    document = build(model, X, Y, Settings(loss="mse", **settings))
    return json.loads(document.to_json())["training"]


def apart(schedule, rates, floor=0.0):
    """Return the greatest distance of a schedule from rates per update, as a share of them."""
    found = np.array([rate_at(schedule, update) for update in range(len(rates))])
    return np.max(np.abs(found - rates) / np.maximum(rates, floor))


def test_few_changes_are_kept_as_steps():
    found = schedules.of_steps([0.1, 0.1, 0.01, 0.01, 0.001], Pace(5), 5)
    assert found == {
        "updates": [0, 2, 4], "rates": [0.1, 0.01, 0.001], "interpolation": "constant",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pace", "changes", "updates"),
    [
        (Pace(), 3, [0, 1, 2, 3]),
        (Pace(3), 3, [0, 1, 2]),
        (Pace(30, 3), 3, [0, 10, 20]),
        (Pace(40, 4), 3, [0, 10, 20, 30]),
        (Pace(9), 3, [0, 3, 6]),
        (Pace(6, 2), 3, [0, 3]),
    ],
)
def test_changes_are_per_update_or_per_epoch_or_evenly_spread(pace, changes, updates):
    assert schedules.of_steps([4, 3, 2, 1], pace, changes)["updates"] == updates


def test_of_several_changes_before_one_update_the_last_counts():
    found = schedules.of_steps([6, 5, 4, 3, 2, 1], Pace(2), 6)
    assert (found["updates"], found["rates"]) == ([0, 1], [6, 3])


@pytest.mark.parametrize("count", [100, 5000, 60_000])
def test_a_curve_has_lines_within_a_hundredth(count):
    way = np.arange(count) / count
    warm = np.minimum(1, way * 20) * (0.001 + 0.05 * (1 + np.cos(np.pi * way)))
    warm[0] = warm[1]
    found = schedules.of_steps(warm, Pace(count), count)
    assert found["interpolation"] == "linear"
    assert len(found["updates"]) <= 150
    assert apart(found, warm, 1e-4) < 0.01


def test_steps_among_lines_stay_steep():
    rates = np.repeat(np.linspace(1, 0.1, 80), 50)
    rates[2000:] /= 10
    found = schedules.of_steps(rates, Pace(4000), 4000)
    assert len(found["updates"]) <= schedules.KNOTS
    assert apart(found, rates) < 0.01


def test_what_swings_too_often_has_its_means():
    swings = 0.1 + 0.09 * np.cos(np.arange(20_000))
    found = schedules.of_steps(swings, Pace(20_000), 20_000)
    assert len(found["updates"]) == schedules.KNOTS
    assert found["interpolation"] == "constant"
    assert np.mean([rate_at(found, u) for u in range(20_000)]) == pytest.approx(0.1, rel=0.01)


def test_a_list_of_rates_becomes_a_schedule():
    entry = training(optimizer=SGD, scheduler=[0.1, 0.1, 0.02], epochs=3, batch_size=10)
    assert entry["optimizer"]["schedule"]["updates"] == [0, 8]
    assert entry["optimizer"]["schedule"]["rates"] == [0.1, 0.02]
    assert entry["optimizer"]["current_learning_rate"] == 0.02


def test_epochs_are_counted_by_the_history_too():
    entry = training(optimizer=SGD, scheduler=[0.1, 0.05], history=[3.0, 2.0], batch_size=10)
    assert entry["optimizer"]["schedule"]["updates"] == [0, 4]
    entry = training(optimizer=SGD, scheduler=[0.1, 0.05], epochs=2, batch_size=10, accumulation=3)
    assert entry["optimizer"]["schedule"]["updates"] == [0, 2]


@pytest.mark.parametrize("rates", [[0.1], [0.1, 0.1]])
def test_a_rate_that_stays_is_no_schedule(rates):
    assert "schedule" not in training(optimizer=SGD, scheduler=rates)["optimizer"]


def test_a_schedule_may_stand_in_the_optimizer_or_in_scheduler():
    wanted = {"updates": [0, 3], "rates": [0.0, 1.0], "interpolation": "linear"}
    given = {"updates": (0, np.int64(3)), "rates": (0, 1), "interpolation": "linear"}
    held = training(optimizer={**SGD, "schedule": given})["optimizer"]["schedule"]
    assert held == wanted
    assert training(optimizer=SGD, scheduler=given)["optimizer"]["schedule"] == wanted


def test_without_an_optimizer_a_schedule_is_a_warning():
    with pytest.warns(defib.DefibWarning, match="no optimizer whose rate"):
        assert "optimizer" not in training(scheduler=[0.1, 0.01])


@pytest.mark.parametrize(
    ("scheduler", "words"),
    [
        (3, "scheduler is int; expected the learning rates as a list"),
        ("cosine", "scheduler is str"),
        ([], "scheduler is empty"),
        ([0.1, "x"], "no list of learning rates"),
        ([0.1, -1.0], "the rate -1.0 at 1; expected finite"),
        ([float("nan")], "the rate nan at 0"),
        ({"updates": [0]}, "expected a dict such as"),
        ({"updates": [0, 0], "rates": [1, 1]}, "rising from 0"),
        ({"updates": [1], "rates": [1]}, "rising from 0"),
        ({"updates": [0, 1.5], "rates": [1, 1]}, "whole number"),
        ({"updates": [0, 1], "rates": [1]}, "each of the 1 rates"),
        ({"updates": [0], "rates": [1], "interpolation": "cubic"}, "'cubic'"),
        ({"updates": [0], "rates": [1], "steps": 3}, "steps"),
        ({"updates": list(range(513)), "rates": [1] * 513}, "513 updates; expected at most 512"),
    ],
)
def test_what_is_no_schedule_is_named(scheduler, words):
    with pytest.raises(defib.ExportError) as error:
        training(optimizer=SGD, scheduler=scheduler)
    assert words in str(error.value)


def test_clip_and_accumulation_are_written():
    assert training(clip=1)["clip"] == {"norm": 1.0}
    assert training(clip={"value": np.float32(0.5)})["clip"] == {"value": 0.5}
    assert training(clip={"parameter_norm": 2.0})["clip"] == {"parameter_norm": 2.0}
    assert training(accumulation=4)["accumulation"] == 4
    assert not {"clip", "accumulation"} & set(training())


@pytest.mark.parametrize(
    "wrong", [True, "norm", {}, {"norm": 1, "value": 1}, {"max": 1}, -1, float("inf"), [1.0]]
)
def test_a_wrong_clip_is_named(wrong):
    with pytest.raises(defib.ExportError, match="clip"):
        Settings(clip=wrong)


@pytest.mark.parametrize("wrong", [0, 1.5, True, "4"])
def test_a_wrong_accumulation_is_named(wrong):
    with pytest.raises(defib.ExportError, match="accumulation"):
        Settings(accumulation=wrong)


@pytest.mark.engine
def test_the_engine_takes_what_is_written(tmp_path):
    model = defib.Sequential(defib.Dense(np.ones((2, 1)), np.zeros(1)))
    run = defib.export(
        tmp_path / "run", model, X, Y, loss="mse", optimizer=SGD, epochs=700, batch_size=40,
        scheduler=np.linspace(0.1, 0, 700), clip=1.0, accumulation=2,
    )  # fmt: skip
    assert len(json.loads((run.path / "run.json").read_text())["training"]) == 6
    defib.replay(run)
