"""defib.LightningRecorder, by a stand-in for Lightning's protocol and by Lightning itself."""

import sys
import types

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

import defib  # noqa: E402


class Callback:
    """What a trainer may call, as Lightning's own base class has it."""


class Trainer:
    """Calls the hooks of one callback in Lightning's order."""

    precision = "16-mixed"
    global_rank = 0

    def __init__(self, callback):
        self.callback = callback
        self.callback_metrics = {}

    def fit(self, module, loader, epochs=2, fail=False):
        self.train_dataloader, self.optimizers = loader, [module.configure_optimizers()]
        self.callback.on_fit_start(self, module)
        try:
            for _ in range(epochs):
                for index, batch in enumerate(loader):
                    loss = module.training_step(batch, index)
                    self.optimizers[0].zero_grad()
                    loss.backward()
                    self.optimizers[0].step()
                    outputs = {"loss": loss.detach()}
                    self.callback.on_train_batch_end(self, module, outputs, batch, index)
                    assert not fail, "stop"
                self.callback_metrics = {"val_loss": torch.tensor(0.5)}
                self.callback.on_train_epoch_end(self, module)
        except AssertionError as error:
            self.callback.on_exception(self, module, error)
            raise
        self.callback.on_fit_end(self, module)


def parts():
    class Net:
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
            self.criterion = nn.MSELoss()

        def forward(self, x):
            return self.body(x)

        def training_step(self, batch, _):
            x, y = batch
            return self.criterion(self(x), y)

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.05)

    torch.manual_seed(0)
    dataset = TensorDataset(torch.randn(12, 3), torch.randn(12, 1))
    return Net, DataLoader(dataset, batch_size=4)


@pytest.fixture
def recorder(monkeypatch):
    """The callback over the stand-in, whatever is installed."""
    for name in ("lightning", "lightning.pytorch", "lightning.pytorch.callbacks"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    sys.modules["lightning.pytorch.callbacks"].Callback = Callback
    monkeypatch.delitem(sys.modules, "defib.integrations.lightning", raising=False)
    yield defib.LightningRecorder
    sys.modules.pop("defib.integrations.lightning", None)


def check(run, precision):
    content = run.to_dict()
    training = content["training"]
    assert (training["epochs"], training["steps"], training["batch_size"]) == (2, 6, 4)
    assert training["optimizer"]["kind"] == "sgd"
    assert training.get("precision") == precision
    assert content["losses"][0]["kind"] == "mse"
    assert {n: e["per"] for n, e in content["history"].items()} == {
        "loss": "step", "validation_loss": "epoch",
    }  # fmt: skip
    for entry in content["graph"]["parameters"]:
        assert np.abs(np.load(run.path / entry["file"])).sum() > 0
        assert "initial" in entry
    assert content["data"] == {"x": "data/x.npy", "y": "data/y.npy"}


def test_stand_in(recorder, tmp_path):
    base, loader = parts()
    module = type("Net", (base, nn.Module), {})()
    callback = recorder(tmp_path / "run")
    assert callback.run is None
    Trainer(callback).fit(module, loader)
    check(callback.run, "float16")


def test_what_the_trainer_does_to_gradients_and_rates(recorder, tmp_path):
    base, loader = parts()
    module = type("Net", (base, nn.Module), {})()
    callback = recorder(tmp_path / "run")
    trainer = Trainer(callback)
    trainer.gradient_clip_val, trainer.gradient_clip_algorithm = 0.5, "value"
    trainer.accumulate_grad_batches, trainer.global_step = 2, 4
    optimizer = module.configure_optimizers()
    module.configure_optimizers = lambda: optimizer
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    trainer.lr_scheduler_configs = [types.SimpleNamespace(scheduler=scheduler)]
    ended = callback.on_train_epoch_end
    callback.on_train_epoch_end = lambda *given: (ended(*given), scheduler.step())
    trainer.fit(module, loader)
    content = callback.run.to_dict()
    training = content["training"]
    assert training["clip"] == {"value": 0.5}
    assert (training["accumulation"], training["steps"], training["epochs"]) == (2, 4, 2)
    schedule = training["optimizer"]["schedule"]
    assert (schedule["updates"], schedule["rates"]) == ([0, 2], [0.05, pytest.approx(0.005)])
    seen = np.load(callback.run.path / content["history"]["learning_rate"]["file"])
    np.testing.assert_allclose(seen, [0.05] * 3 + [0.005] * 3)

    trainer = types.SimpleNamespace(gradient_clip_val=2, gradient_clip_algorithm=None)
    assert sys.modules["defib.integrations.lightning"]._loop(trainer) == {"clip": {"norm": 2.0}}
    assert sys.modules["defib.integrations.lightning"]._loop(types.SimpleNamespace()) == {}


def test_a_training_that_fails_is_exported_too(recorder, tmp_path):
    base, loader = parts()
    module = type("Net", (base, nn.Module), {})()
    callback = recorder(tmp_path / "run")
    with pytest.raises(AssertionError, match="stop"):
        Trainer(callback).fit(module, loader, fail=True)
    assert callback.run.to_dict()["training"]["steps"] == 1


def test_data_that_the_trainer_does_not_have(recorder, tmp_path):
    base, loader = parts()
    module = type("Net", (base, nn.Module), {})()
    callback = recorder(tmp_path / "run")
    trainer = Trainer(callback)
    ended = callback.on_fit_end
    callback.on_fit_end = lambda *_: None
    trainer.fit(module, loader)
    trainer.train_dataloader = [loader, loader]
    with pytest.raises(defib.InvalidArgument, match=r"LightningRecorder\(path, x, y\)"):
        ended(trainer, module)


def test_any_loader_will_do(recorder, tmp_path):
    base, loader = parts()
    module = type("Net", (base, nn.Module), {})()
    held = list(zip(*loader.dataset.tensors, strict=True))
    for given in ((), loader.dataset.tensors):
        callback = recorder(tmp_path / "run", *given)
        Trainer(callback).fit(module, DataLoader(held, batch_size=4))
        check(callback.run, "float16")


def test_the_loss_of_a_step_that_has_no_criterion(recorder, tmp_path):
    base, loader = parts()

    class Net(base, nn.Module):
        def __init__(self):
            super().__init__()
            del self.criterion

        def training_step(self, batch, _):
            x, y = batch
            self.log("seen", 1.0)
            return {"loss": ((self.body(x) - y) ** 2).mean()}

        def log(self, *_):
            pass

    module = Net()
    steps, step = [], module.training_step
    module.training_step = lambda *given: steps.append(step(*given)) or steps[-1]["loss"]
    callback = recorder(tmp_path / "run")
    trainer = Trainer(callback)
    trainer.val_dataloaders = [loader]
    trainer.fit(module, loader)
    content = callback.run.to_dict()
    assert [entry["kind"] for entry in content["losses"]] == ["mse"]
    # The step calls a part of the module, so the run is of that part.
    names = [entry["name"] for entry in content["graph"]["parameters"]]
    assert names == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert "initial" in content["graph"]["parameters"][0]
    assert content["validation"] == {"x": "validation/x.npy", "y": "validation/y.npy"}


def test_a_step_whose_loss_cannot_be_told(recorder, tmp_path):
    base, loader = parts()

    class Net(base, nn.Module):
        def training_step(self, batch, _):
            x, y = batch
            return ((self(x) - y) ** 2 + (self(-x) - y) ** 2).mean()

    module = Net()
    del module.criterion
    with pytest.raises(defib.ExportError, match=r"calls the model 2 times; pass the loss"):
        Trainer(recorder(tmp_path / "run")).fit(module, loader)


def test_a_step_that_calls_the_module_while_its_validation_calls_a_part(tmp_path):
    lightning = pytest.importorskip("lightning.pytorch")
    torchmetrics = pytest.importorskip("torchmetrics")
    base, loader = parts()

    class Net(base, lightning.LightningModule):
        def __init__(self):
            super().__init__()
            del self.criterion

            self.error = torchmetrics.MeanAbsoluteError()

        def forward(self, x):
            return 2 * self.body(x)

        def training_step(self, batch, _):
            x, y = batch
            output = self(x)
            loss = nn.functional.smooth_l1_loss(output, y)
            self.log_dict({"train_loss": loss})
            self.log("noted", loss.item())
            self.error(output, y)
            self.log("error", self.error)
            return {"loss": loss}

        def validation_step(self, batch, _):
            self.log("val_loss", self.body(batch[0]).mean())

    callback = defib.LightningRecorder(tmp_path / "run")
    trainer = lightning.Trainer(
        max_epochs=1, callbacks=[callback], logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, accelerator="cpu",
        default_root_dir=tmp_path,
    )  # fmt: skip
    trainer.fit(Net(), loader, loader)
    content = callback.run.to_dict()
    assert [entry["kind"] for entry in content["losses"]] == ["smooth-l1"]
    assert content["graph"]["parameters"][0]["name"] == "body.0.weight"
    assert content["validation"]


def test_lightning_itself(tmp_path):
    lightning = pytest.importorskip("lightning.pytorch")
    base, loader = parts()

    class Net(base, lightning.LightningModule):
        def validation_step(self, batch, index):
            self.log("val_loss", self.training_step(batch, index))

    callback = defib.LightningRecorder(tmp_path / "run")
    trainer = lightning.Trainer(
        max_epochs=2, callbacks=[callback], logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, accelerator="cpu",
        default_root_dir=tmp_path,
    )  # fmt: skip
    trainer.fit(Net(), loader, loader)
    check(callback.run, None)
