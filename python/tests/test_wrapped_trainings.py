"""What trainers put around models, optimizers and losses, seen through by the recorders."""

import types

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

import defib  # noqa: E402
from defib.integrations.accelerate import AccelerateRecorder  # noqa: E402
from defib.integrations.torch_wrapped import half_of, own_forward  # noqa: E402

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore")]

X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")


def network(outputs=1):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, outputs))


def test_mixed_precision_of_accelerate(tmp_path):
    accelerate = pytest.importorskip("accelerate")
    accelerate.state.AcceleratorState._reset_state(True)
    accelerator = accelerate.Accelerator(cpu=True, mixed_precision="bf16")
    model, criterion = network(), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    loader = DataLoader(TensorDataset(torch.from_numpy(X), torch.from_numpy(X[:, :1])), 8)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    model, optimizer, loader, scheduler = accelerator.prepare(model, optimizer, loader, scheduler)
    wrapped = model.forward
    recorder = AccelerateRecorder(
        tmp_path / "run", accelerator, model, optimizer=optimizer, scheduler=scheduler
    )
    for xb, yb in loader:
        loss = criterion(model(xb), yb)
        accelerator.backward(loss)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        recorder.step(loss)
    recorder.epoch()
    assert recorder.finish(loader, loss=criterion) is recorder.run
    training = recorder.run.to_dict()["training"]
    assert training["precision"] == "bfloat16"
    assert (training["steps"], training["batch_size"], training["shuffle"]) == (5, 8, False)
    rates = training["optimizer"]["schedule"]["rates"]
    assert rates == pytest.approx([0.05, 0.005, 0.0005])
    assert model.forward == wrapped
    accelerate.state.AcceleratorState._reset_state(True)


def test_other_processes_of_accelerate_do_nothing(tmp_path):
    accelerator = types.SimpleNamespace(is_main_process=False)
    recorder = AccelerateRecorder(tmp_path / "run", accelerator, network())
    recorder.step(1.0)
    recorder.epoch(val_loss=1.0)
    assert recorder.finish(X, X[:, :1]) is None
    assert recorder.run is None
    assert not (tmp_path / "run").exists()


def test_a_forward_comes_back_after_an_error():
    model = network()
    model._original_forward, model.forward = model.forward, lambda x: x
    mine = model.__dict__["forward"]
    bad = torch.ones(2, 9)  # which only the wrapper takes
    assert model(bad) is bad
    with pytest.raises(RuntimeError), own_forward(model):
        model(bad)
    assert model.forward is mine


def test_names_of_precisions():
    names = ["16-mixed", "bf16-mixed", "fp16", "bf16", "32-true", "no", None, ""]
    wanted = ["float16", "bfloat16", "float16", "bfloat16", None, None, None, None]
    assert [half_of(name) for name in names] == wanted


def test_a_classifier_of_skorch(tmp_path):
    skorch = pytest.importorskip("skorch")
    module = nn.Sequential(network(2), nn.Softmax(-1))
    recorder = defib.SkorchRecorder(tmp_path / "run", settings={"clip": 1.0})
    net = skorch.NeuralNetClassifier(
        module, max_epochs=2, batch_size=-1, train_split=None, verbose=0,
        callbacks=[("defib", recorder)],
    )  # fmt: skip
    net.fit(X, (X[:, 0] > 0).astype("int64"))
    content = dict(net.callbacks_)["defib"].run.to_dict()
    assert [entry["kind"] for entry in content["losses"]] == ["categorical-cross-entropy"]
    training = content["training"]
    assert (training["batch_size"], training["steps"], training["clip"]) == (40, 2, {"norm": 1.0})
    assert "validation" not in content


def test_keras_is_asked_for_what_fit_was_given(tmp_path):
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    recorder = defib.KerasRecorder(tmp_path / "run")
    with pytest.warns(defib.DefibWarning, match="sample_weight of fit"):
        model.fit(
            X, X[:, :1], batch_size=10, verbose=0, shuffle=False, callbacks=[recorder],
            sample_weight=np.ones(40), validation_data=(X[:8], X[:8, :1]),
        )  # fmt: skip
    content = recorder.run.to_dict()
    assert (content["training"]["batch_size"], content["training"]["shuffle"]) == (10, False)
    assert np.load(recorder.run.path / content["validation"]["x"]).shape == (8, 3)

    recorder = defib.KerasRecorder(tmp_path / "run")
    recorder.set_model(model)
    with pytest.raises(defib.InvalidArgument, match=r"KerasRecorder\(path, x, y\)"):
        recorder.on_train_begin()


def test_keras_reads_a_dataset(tmp_path):
    keras = pytest.importorskip("keras")
    tensorflow = pytest.importorskip("tensorflow")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    data = tensorflow.data.Dataset.from_tensor_slices((X, X[:, :1])).batch(8)
    recorder = defib.KerasRecorder(tmp_path / "run")
    model.fit(data, verbose=0, callbacks=[recorder])
    content = recorder.run.to_dict()
    assert (content["training"]["batch_size"], content["training"]["steps"]) == (8, 5)
    assert np.load(recorder.run.path / content["data"]["x"]).shape == (40, 3)
