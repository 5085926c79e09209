"""The recorders of trainers, with the lines that a user adds to a script that trains already.

Each script trains a tiny network; the lines between the marks are what Defib adds.
"""

import re
import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import defib  # noqa: E402

pytestmark = pytest.mark.engine

TORCH = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(48, 3)
y = x[:, :1] * 2 + 1
dataset = TensorDataset(x, y)
"""

LOOP = """
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer, criterion = torch.optim.SGD(model.parameters(), lr=0.05), nn.MSELoss()
loader = DataLoader(dataset, batch_size=8, shuffle=True)
import defib  # +
recorder = defib.Recorder("run", model, loss=criterion, optimizer=optimizer)  # +
for _ in range(3):
    for xb, yb in loader:
        loss = criterion(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        recorder.step(loss)  # +
run = recorder.finish(loader)
"""

LIGHTNING = """
import lightning.pytorch as pl
class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
    def loss(self, batch):
        inputs, targets = batch
        return nn.functional.mse_loss(self.net(inputs), targets)
    def training_step(self, batch, index):
        loss = self.loss(batch)
        self.log("train_loss", loss)
        return loss
    def validation_step(self, batch, index):
        self.log("val_loss", self.loss(batch))
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.05)
trainer = pl.Trainer(
    max_epochs=3, logger=False, enable_checkpointing=False, enable_progress_bar=False,
    enable_model_summary=False, accelerator="cpu",
    callbacks=[__import__("defib").LightningRecorder("run")],  # +
)
trainer.fit(Net(), DataLoader(dataset, 8, shuffle=True), DataLoader(dataset, 8))
"""

TRAINER = """
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments
config = BertConfig(
    vocab_size=40, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
    num_attention_heads=2, max_position_embeddings=8, num_labels=2,
)
ids = torch.randint(0, 40, (48, 6))
rows = [{"input_ids": row, "labels": (row[0] > 20).long()} for row in ids]
model = BertForSequenceClassification(config)
arguments = TrainingArguments(
    "out", num_train_epochs=3, per_device_train_batch_size=8, report_to=[], use_cpu=True,
    save_strategy="no", disable_tqdm=True, eval_strategy="epoch",
)
trainer = Trainer(model, arguments, train_dataset=rows, eval_dataset=rows[:16])
import defib  # +
trainer.add_callback(defib.TransformersRecorder("run"))  # +
trainer.train()
"""

SKORCH = """
from skorch import NeuralNetRegressor
module = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
net = NeuralNetRegressor(
    module, max_epochs=3, batch_size=8, verbose=0, lr=0.05,
    callbacks=[("defib", __import__("defib").SkorchRecorder("run"))],  # +
)
net.fit(x.numpy(), y.numpy())
"""

ACCELERATE = """
from accelerate import Accelerator
accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer, criterion = torch.optim.SGD(model.parameters(), lr=0.05), nn.MSELoss()
loader = DataLoader(dataset, batch_size=8, shuffle=True)
model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
import defib
recorder = defib.AccelerateRecorder("run", accelerator, model, optimizer=optimizer)  # +
for _ in range(3):
    for xb, yb in loader:
        with accelerator.accumulate(model):
            loss = criterion(model(xb), yb)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
            recorder.step(loss)  # +
recorder.finish(loader, loss=criterion)  # +
"""

KERAS = """
import keras
import numpy as np
keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
y = x[:, :1] * 2 + 1
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)])
model.compile("sgd", "mse")
import defib  # +
recorder = defib.KerasRecorder("run")  # +
model.fit(x, y, epochs=3, batch_size=8, validation_split=0.2, verbose=0, callbacks=[recorder])
"""

SKLEARN = """
import numpy as np
from sklearn.neural_network import MLPRegressor
x = np.random.default_rng(0).normal(size=(60, 3))
y = x[:, 0] * 2 + 1
estimator = MLPRegressor(hidden_layer_sizes=(8,), max_iter=3, random_state=0).fit(x, y)
__import__("defib").export("run", estimator, x, y)  # +
"""

#: the script, what it needs, how many lines it may add, its loss, and its batch size
SCRIPTS = {
    "PyTorch": (TORCH + LOOP, "torch", 3, "mse", 8),
    "Lightning": (TORCH + LIGHTNING, "lightning", 1, "mse", 8),
    "Trainer": (TORCH + TRAINER, "transformers", 2, "cross-entropy", 8),
    "skorch": (TORCH + SKORCH, "skorch", 1, "mse", 8),
    "Accelerate": (TORCH + ACCELERATE, "accelerate", 3, "mse", 8),
    "Keras": (KERAS, "keras", 2, "mse", 8),
    "scikit-learn": (SKLEARN, "sklearn", 1, "mse", 60),
}
#: those that know validation data
VALIDATED = {"Lightning", "Trainer", "skorch", "Keras"}


@pytest.fixture(autouse=True)
def _one_thread():
    """Networks this small are slower on several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SCRIPTS)
def test_few_lines_record_a_training(name, tmp_path, monkeypatch):
    script, module, most, loss, size = SCRIPTS[name]
    pytest.importorskip(module)
    monkeypatch.chdir(tmp_path)
    assert len(re.findall(r"# \+$", script, re.MULTILINE)) <= most
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(script, name, "exec"), {"__name__": "script"})
    content = defib.Run(tmp_path / "run").to_dict()
    training, losses, history = content["training"], content["losses"], content["history"]
    assert [entry["kind"] for entry in losses] == [loss]
    assert training["batch_size"] == size
    assert "optimizer" in training
    assert "loss" in history
    assert len(np.load(tmp_path / "run" / history["loss"]["file"])) in (3, 18, 15)
    if name != "scikit-learn":
        held = [entry for entry in content["graph"]["parameters"] if entry.get("trainable", True)]
        assert held
        assert all("initial" in entry for entry in held)
    assert ("validation" in content) == (name in VALIDATED)
    assert ("validation_loss" in history) == (name in VALIDATED)
    assert training.get("accumulation") == (2 if name == "Accelerate" else None)
    if name == "Trainer":
        assert training["clip"] == {"norm": 1.0}
        rates = training["optimizer"]["schedule"]["rates"]
        assert rates[0] > rates[-1]
    assert defib.check("run").verdict in ("healthy", "faults", "could-not-tell")


def test_a_model_that_cannot_be_exported_ends_before_the_training(tmp_path, monkeypatch):
    pytest.importorskip("transformers")
    monkeypatch.chdir(tmp_path)
    script = (TORCH + TRAINER).replace("BertForSequenceClassification(config)", "Odd(config)")
    odd = """
from transformers import BertForSequenceClassification
class Odd(BertForSequenceClassification):
    def forward(self, input_ids=None, labels=None):
        assert input_ids.sum() < 0, "trained"
"""
    with pytest.raises(defib.ExportError):
        exec(odd + script, {"__name__": "script"})


def test_a_try_out_changes_no_random_number(tmp_path):
    from torch.utils.data import DataLoader, TensorDataset

    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Dropout(), torch.nn.Linear(4, 1))
    loader = DataLoader(TensorDataset(torch.ones(8, 3), torch.ones(8, 1)), 4, shuffle=True)
    recorder = defib.Recorder(tmp_path / "run", model)
    before = torch.get_rng_state()
    recorder.try_out(loader, loss="mse")
    assert torch.equal(torch.get_rng_state(), before)
    assert not (tmp_path / "run").exists()
    recorder.try_out((row for row in [1]), loss="mse")  # a stream, which is left alone
    with pytest.raises(defib.ExportError):
        recorder.try_out(loader, loss="cross-entropi")
