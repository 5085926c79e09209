"""defib.Recorder in a training loop of torch or of NumPy."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import defib  # noqa: E402
from defib.integrations import series  # noqa: E402


def train(recorder, model, x, y, epochs=3, kind=None):
    """Train as scripts do; return the losses of all steps."""
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    losses = []
    for _ in range(epochs):
        for first in range(0, len(x), 5):
            with torch.autocast("cpu", kind or torch.bfloat16, enabled=kind is not None):
                loss = nn.functional.mse_loss(model(x[first : first + 5]), y[first : first + 5])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            recorder.step(loss)
            losses.append(loss.item())
        recorder.epoch(val_loss=torch.tensor(1.0), accuracy=0.5)
    return losses


def data(rows=20):
    torch.manual_seed(0)
    return torch.randn(rows, 3), torch.randn(rows, 2)


def small():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))


def load(run, file):
    return np.load(run.path / file)


def test_loop(tmp_path):
    model, (x, y) = small(), data()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    recorder = defib.Recorder(tmp_path / "run", model, loss=nn.MSELoss(), optimizer=optimizer)
    losses = train(recorder, model, x, y)
    run = recorder.finish(x, y, validation=(x[:4], y[:4]))
    assert recorder.run is run
    content = run.to_dict()
    training = content["training"]
    assert (training["batch_size"], training["epochs"], training["steps"]) == (5, 3, 12)
    assert training["optimizer"]["kind"] == "adam"
    assert "precision" not in training
    assert content["losses"][0]["kind"] == "mse"
    history = content["history"]
    assert {name: entry["per"] for name, entry in history.items()} == {
        "loss": "step", "validation_loss": "epoch", "accuracy": "epoch",
    }  # fmt: skip
    np.testing.assert_allclose(load(run, history["loss"]["file"]), losses, rtol=1e-6)
    for entry in content["graph"]["parameters"]:
        np.testing.assert_array_equal(load(run, entry["initial"]), before[entry["name"]])
    assert not model._forward_hooks
    with pytest.raises(defib.InvalidArgument, match=r"written to .* already"):
        recorder.finish(x, y)


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16])
def test_autocast_is_noted(tmp_path, kind):
    model, (x, y) = nn.Linear(3, 2), data()
    recorder = defib.Recorder(tmp_path / "run", model)
    train(recorder, model, x, y, kind=kind)
    assert recorder.finish(x).to_dict()["training"]["precision"] == str(kind).split(".")[1]


def test_evaluation_before_the_training_is_no_batch(tmp_path):
    model, (x, y) = small(), data()
    recorder = defib.Recorder(tmp_path / "run", model)
    model.eval()
    model(x)
    model.train()
    train(recorder, model, x, y)
    assert recorder.finish(x, y).to_dict()["training"]["batch_size"] == 5


@pytest.mark.parametrize("wrap", [nn.DataParallel, lambda m: m], ids=["parallel", "plain"])
def test_lazy_parameters_are_taken_at_the_first_batch(tmp_path, wrap):
    model, (x, y) = wrap(nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(2))), data()
    recorder = defib.Recorder(tmp_path / "run", model, x, y)
    torch.manual_seed(3)
    model(x[:5].clone())  # a first batch makes the parameters; no update yet
    first = model.state_dict()
    before = {name.removeprefix("module."): value.clone() for name, value in first.items()}
    train(recorder, model, x, y)
    run = recorder.finish()
    for entry in run.to_dict()["graph"]["parameters"]:
        np.testing.assert_array_equal(load(run, entry["initial"]), before[entry["name"]])


def test_lazy_parameters_that_are_never_seen_are_a_warning(tmp_path):
    model, (x, y) = nn.LazyLinear(2), data()
    recorder = defib.Recorder(tmp_path / "run", model)
    model.eval()(x)
    with pytest.warns(defib.DefibWarning, match="before the training are unknown"):
        recorder.finish(x, y)


def test_context_manager(tmp_path):
    model, (x, y) = small(), data()
    with defib.Recorder(tmp_path / "a", model, x, y, loss="mse") as recorder:
        train(recorder, model, x, y)
    assert recorder.run.to_dict()["training"]["steps"] == 12
    recorder = defib.Recorder(tmp_path / "b", model, x, y)
    recorder.step(float("nan"))
    with pytest.raises(ZeroDivisionError), recorder:
        _ = 1 / 0
    history = recorder.run.to_dict()["history"]
    assert np.isnan(load(recorder.run, history["loss"]["file"])).all()
    with pytest.raises(ZeroDivisionError), defib.Recorder(tmp_path / "c", model):
        _ = 1 / 0
    assert not (tmp_path / "c").exists()
    with (
        pytest.raises(defib.InvalidArgument, match=r"finish\(x, y\)"),
        defib.Recorder(tmp_path / "d", model),
    ):
        pass
    assert not model._forward_hooks


def test_what_fails_fails_before_the_training(tmp_path):
    x, y = data()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "other.txt").write_text("")
    with pytest.raises(defib.ExportError, match="exists and is not a run"):
        defib.Recorder(tmp_path / "full", small())
    model = nn.Sequential(nn.Linear(3, 2), nn.CrossMapLRN2d(2))
    with pytest.raises(defib.ExportError, match="1: CrossMapLRN2d"):
        defib.Recorder(tmp_path / "run", model, x[:, None], y)
    assert not model._forward_hooks
    with pytest.raises(defib.InvalidArgument, match=r"expected a torch.nn.Module"):
        defib.Recorder(tmp_path / "run", "model")


@pytest.mark.parametrize("value", [torch.ones(3), "a", None, [1, 2]])
def test_losses_that_are_no_number(tmp_path, value):
    recorder = defib.Recorder(tmp_path / "run", small())
    with pytest.raises(defib.InvalidArgument, match=r"loss .* expected one number"):
        recorder.step(value)


def test_a_name_may_be_per_step_and_per_epoch(tmp_path):
    model, (x, y) = small(), data()
    recorder = defib.Recorder(tmp_path / "run", model)
    for value in (3.0, np.float32(2), torch.tensor([1.0], requires_grad=True)):
        recorder.step(value, rate=0.1)
    recorder.epoch(loss=2.0)
    history = recorder.finish(x, y).to_dict()["history"]
    assert {n: e["per"] for n, e in history.items()} == {
        "loss": "step", "rate": "step", "epoch_loss": "epoch",
    }  # fmt: skip


class Elsewhere(torch.Tensor):
    """A tensor that says it is on another device, and counts how often it is read."""

    reads = 0

    @property
    def device(self):
        return torch.device("cuda")

    def item(self):
        type(self).reads += 1
        return super().item()

    def __float__(self):
        type(self).reads += 1
        return float(self.as_subclass(torch.Tensor))


def test_losses_elsewhere_are_not_waited_for():
    found = series.Series("loss", "step")
    for step in range(series.CHUNK + 3):
        found.append(torch.tensor(float(step)).as_subclass(Elsewhere))
    assert Elsewhere.reads == 0
    assert len(found) == series.CHUNK + 3
    np.testing.assert_array_equal(found.values(), np.arange(series.CHUNK + 3))
    assert Elsewhere.reads == 0


def test_numpy_loop(tmp_path):
    w, b = np.ones((3, 1)), np.zeros(1)
    model = defib.Sequential(defib.Dense(w, b))
    x, y = np.ones((4, 3)), np.ones((4, 1))
    with defib.Recorder(tmp_path / "run", model, x, y, loss="mse", batch_size=2) as recorder:
        for _ in range(5):
            w -= 0.1
            recorder.step(np.square(x @ w + b - y).mean())
    entry = recorder.run.to_dict()["graph"]["parameters"][0]
    np.testing.assert_array_equal(load(recorder.run, entry["initial"]), np.ones((3, 1)))
    np.testing.assert_allclose(load(recorder.run, entry["file"]), np.full((3, 1), 0.5))
    assert json.loads((recorder.run.path / "run.json").read_text())["training"]["steps"] == 5
