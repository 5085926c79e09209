"""What Keras does to rates and gradients: schedules, callbacks, clips, accumulation."""

import json
import warnings

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from keras import layers as L  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402
from defib.exporters.schedules import rate_at  # noqa: E402

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(40, 4)).astype("float32"), rng.normal(size=(40, 1)).astype("float32")
SCHEDULES = keras.optimizers.schedules


def compiled(optimizer):
    model = keras.Sequential([keras.Input((4,)), L.Dense(1)])
    model.compile(optimizer, "mse")
    return model


def training(model, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("error", defib.DefibWarning)
        document = build(model, X, Y, Settings(verify=False, **settings))
    return json.loads(document.to_json())["training"]


KINDS = {
    "exponential": lambda: SCHEDULES.ExponentialDecay(0.1, 10, 0.5),
    "staircase": lambda: SCHEDULES.ExponentialDecay(0.1, 10, 0.5, staircase=True),
    "pieces": lambda: SCHEDULES.PiecewiseConstantDecay([4, 13], [0.1, 0.05, 0.01]),
    "cosine": lambda: SCHEDULES.CosineDecay(0.01, 20, warmup_target=0.1, warmup_steps=5),
    "polynomial": lambda: SCHEDULES.PolynomialDecay(0.1, 20, 0.01),
}


@pytest.mark.parametrize("every", [None, 4])
@pytest.mark.parametrize("name", KINDS)
def test_every_rate_of_a_schedule_is_in_the_run(name, every):
    rate = KINDS[name]()
    model = compiled(keras.optimizers.SGD(rate, gradient_accumulation_steps=every))
    model.fit(X, Y, batch_size=10, epochs=6, verbose=0)
    found = training(model, batch_size=10)
    updates = 24 // (every or 1)
    assert found["steps"] == updates
    asked = [update * (every or 1) + (every or 1) - 1 for update in range(updates)]
    wanted = [float(keras.ops.convert_to_numpy(rate(batch))) for batch in asked]
    schedule = found["optimizer"]["schedule"]
    assert [rate_at(schedule, u) for u in range(updates)] == pytest.approx(wanted, rel=0.01)
    assert found.get("accumulation") == every


def test_a_schedule_beside_a_plain_optimizer_is_taken_too():
    model = compiled(keras.optimizers.SGD(0.1))
    found = training(model, scheduler=KINDS["staircase"](), epochs=6, batch_size=10)
    assert found["optimizer"]["schedule"]["updates"] == [0, 10, 20]
    found = training(model, scheduler=[0.1, 0.01], epochs=2, batch_size=10)
    assert found["optimizer"]["schedule"]["updates"] == [0, 4]
    with pytest.raises(defib.ExportError, match="scheduler is int"):
        training(model, scheduler=3)


def test_a_schedule_without_a_training_is_its_first_rate():
    entry = training(compiled(keras.optimizers.SGD(KINDS["pieces"]())))["optimizer"]
    assert entry["learning_rate"] == pytest.approx(0.1)
    assert "schedule" not in entry


@pytest.mark.parametrize(
    ("given", "clip"),
    [
        ({"clipnorm": 1.5}, {"parameter_norm": 1.5}),
        ({"global_clipnorm": 2}, {"norm": 2.0}),
        ({"clipvalue": 0.5}, {"value": 0.5}),
        ({}, None),
    ],
)
def test_clips_are_those_of_the_optimizer(given, clip):
    model = compiled(keras.optimizers.Adam(**given))
    assert training(model).get("clip") == clip
    assert training(model, clip=9)["clip"] == {"norm": 9.0}


def test_a_long_schedule_is_looked_at_here_and_there():
    model = compiled(keras.optimizers.SGD(SCHEDULES.CosineDecay(0.1, 60_000, 0.01)))
    model.optimizer.build(model.trainable_variables)
    model.optimizer._iterations.assign(60_000)
    schedule = training(model)["optimizer"]["schedule"]
    wanted = [0.1 * (0.01 + 0.99 * (1 + np.cos(np.pi * way)) / 2) for way in np.arange(0, 1, 0.01)]
    found = [rate_at(schedule, u) for u in range(0, 60_000, 600)]
    assert found == pytest.approx(wanted, rel=0.01)


def test_a_recorder_notes_rates_and_counts_updates(tmp_path):
    class Quartering(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):  # noqa: ARG002
            self.model.optimizer.learning_rate = 0.25**epoch

    def recorded(*callbacks, **given):
        model = compiled(keras.optimizers.SGD(1.0, clipvalue=1e-3, **given))
        recorder = defib.KerasRecorder(tmp_path / "run", X, Y, batch_size=10)
        model.fit(X, Y, batch_size=10, epochs=3, verbose=0, callbacks=[recorder, *callbacks])
        return recorder.run

    run = recorded(Quartering(), gradient_accumulation_steps=2)
    content = run.to_dict()
    entry = content["history"]["learning_rate"]
    assert entry["per"] == "epoch"
    assert np.load(run.path / entry["file"]).tolist() == [1.0, 0.25, 0.0625]
    assert (content["training"]["steps"], content["training"]["accumulation"]) == (6, 2)
    assert content["training"]["clip"] == {"value": 0.001}
    assert "learning_rate" not in recorded().to_dict()["history"]
    run = recorded(keras.callbacks.LearningRateScheduler(lambda epoch: 0.5**epoch))
    entry = run.to_dict()["history"]["learning_rate"]
    np.testing.assert_allclose(np.load(run.path / entry["file"]), [1.0, 0.5, 0.25])
