"""What the reader of each page of docs/ has before its first snippet: a model, data, a loop."""

import copy
from itertools import pairwise
from pathlib import Path

import numpy as np

import defib

ROWS = 48


def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 4)).astype(np.float32)
    return {"x": x, "y": x[:, :1] * 2, "xv": x[:20] + 1, "yv": x[:20, :1] * 2 + 2}


def dense(*lengths):
    rng = np.random.default_rng(1)
    weights = [rng.normal(0, 0.5, pair).astype(np.float32) for pair in pairwise(lengths)]
    return weights, [np.zeros(length, np.float32) for length in lengths[1:]]


def arrays():
    (w1, w2), (b1, b2) = dense(4, 8, 1)
    return {"w1": w1, "W1": w1, "b1": b1, "w2": w2, "W2": w2, "b2": b2}


def with_torch():
    import torch

    torch.manual_seed(0)
    found = data()
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    optimizer, criterion = torch.optim.SGD(model.parameters(), lr=0.05), torch.nn.MSELoss()

    def train(model, x, y, epochs=100):
        losses = []
        for _ in range(epochs):
            optimizer.zero_grad()
            loss = criterion(model(torch.from_numpy(x)), torch.from_numpy(y))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    before = copy.deepcopy(model.state_dict())
    losses = train(model, found["x"], found["y"])
    batches = [(found["x"][i : i + 8], found["y"][i : i + 8]) for i in range(0, ROWS, 8)]
    return {
        **found, **arrays(), "copy": copy, "defib": defib, "model": model, "criterion": criterion,
        "optimizer": optimizer, "train": train, "before": before, "losses": losses,
        "x_validation": found["xv"], "y_validation": found["yv"], "epochs": 2, "loader": batches,
        "torch": torch, "F": torch.nn.functional, "classifier": torch.nn.Linear(4, 3),
        "labels": found["x"][:, :3].argmax(1), "loss": 0.5,
        "evaluate": lambda _: 0.5,
    }  # fmt: skip


def with_one_thread():
    """Return nothing: the page begins at the beginning, in small steps that threads slow down."""
    import torch

    torch.set_num_threads(1)
    return {}


def with_keras():
    import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(8, "relu"), layers.Dense(3, "softmax")]
    )
    x = data()["x"]
    return {"defib": defib, "model": model, "x": x, "y": x[:, :3].argmax(axis=1)}


def with_sklearn():
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = data()["x"]
    return {
        "defib": defib, "x": x, "y": x[:, 0] > 0, "make_pipeline": make_pipeline,
        "StandardScaler": StandardScaler, "MLPClassifier": MLPClassifier,
    }  # fmt: skip


def with_onnx():
    import onnx
    from onnx_models import mlp

    onnx.save(mlp(), "model.onnx")
    x = data()["x"]
    return {"defib": defib, "x": x, "y": np.eye(3, dtype=np.float32)[x[:, :3].argmax(axis=1)]}


def with_a_run():
    found, ((w1, w2), (b1, b2)) = data(), dense(4, 8, 1)
    model = defib.Sequential(defib.Dense(w1, b1), defib.ReLU(), defib.Dense(w2, b2))
    for path in ("runs/a", "runs/latest"):
        defib.export(
            path, model, found["x"], found["y"], loss="mse", batch_size=8, epochs=3,
            optimizer={"kind": "sgd", "learning_rate": 0.01},
        )  # fmt: skip
    np.save("w.npy", w1)
    return {"defib": defib}


def with_torch_and_a_run():
    return {**with_a_run(), **with_torch()}


def with_every_framework():
    """Return what the README's snippets have: a training in each of the usual frameworks."""
    from functools import partial

    import keras
    from sklearn.neural_network import MLPRegressor

    found = with_trainers()
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    return {
        **found, "keras_model": model, "loader": found["train_loader"],
        "Trainer": partial(found["Trainer"], accelerator="cpu", **quiet),
        "estimator": MLPRegressor(max_iter=5).fit(found["x"], found["y"][:, 0]),
    }  # fmt: skip


def with_trainers():
    """Return what someone has who trains with Lightning, Transformers, skorch and Accelerate."""
    import torch
    from accelerate import Accelerator
    from lightning.pytorch import LightningModule, Trainer
    from skorch import NeuralNetRegressor
    from torch.utils.data import DataLoader, TensorDataset

    with_one_thread()
    found = with_torch()
    network = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))

    class Module(LightningModule):
        def __init__(self):
            super().__init__()
            self.network = copy.deepcopy(network)

        def training_step(self, batch, _):
            inputs, targets = batch
            return torch.nn.functional.mse_loss(self.network(inputs), targets)

        def validation_step(self, batch, index):
            self.log("val_loss", self.training_step(batch, index))

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.05)

    Path("logs").mkdir()
    losses = "".join(f"{epoch},{loss}\n" for epoch, loss in enumerate(found["losses"]))
    Path("logs/metrics.csv").write_text("epoch,loss\n" + losses)
    dataset = TensorDataset(torch.from_numpy(found["x"]), torch.from_numpy(found["y"]))
    return {
        **found, "Trainer": Trainer, "module": Module(), "NeuralNetRegressor": NeuralNetRegressor,
        "train_loader": DataLoader(dataset, 8, shuffle=True), "val_loader": DataLoader(dataset, 8),
        "network": network, "sgd": torch.optim.SGD(network.parameters(), lr=0.05),
        "accelerator": Accelerator(cpu=True), "hf_trainer": tiny_trainer(),
        "tracker": Tracker(),
    }  # fmt: skip


def tiny_trainer():
    import torch
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

    config = BertConfig(
        vocab_size=40, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=8, num_labels=2,
    )  # fmt: skip
    ids = torch.randint(0, 40, (48, 6))
    rows = [{"input_ids": row, "labels": (row[0] > 20).long()} for row in ids]
    arguments = TrainingArguments(
        "out", num_train_epochs=1, per_device_train_batch_size=8, report_to=[], use_cpu=True,
        save_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    return Trainer(BertForSequenceClassification(config), arguments, train_dataset=rows)


class Tracker:
    """Takes what any tracker does."""

    def log(self, numbers):
        assert numbers
