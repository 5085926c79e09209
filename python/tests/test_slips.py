"""What people hand over by mistake gets the sentence that says what to pass."""

import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import defib  # noqa: E402


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 1)

    def forward(self, x):
        return self.layer(x)


NET = Net()
X, Y = torch.ones(12, 3), torch.zeros(12, 1)
SGD = torch.optim.SGD(NET.parameters(), 0.1)


@pytest.mark.parametrize(
    ("model", "given", "told"),
    [
        (Net, {}, "model is the class Net; pass an object of it"),
        (NET.state_dict(), {}, "model is a state dict"),
        (NET.parameters(), {}, r"model is what model\.parameters\(\) returned"),
        (NET.forward, {}, "model is the function forward"),
        (X, {}, "expected a torch.nn.Module"),
        (NET, {"loss": nn.MSELoss}, r"pass an object of it: loss=MSELoss\(\)"),
        (NET, {"loss": nn.MSELoss()(NET(X), Y)}, "loss is a value; pass the function"),
        (NET, {"loss": np.zeros(3)}, "loss is a value; pass the function"),
        (NET, {"loss": "mse", "optimizer": torch.optim.SGD}, "optimizer is the class SGD"),
        (
            NET, {"loss": "mse", "optimizer": torch.optim.lr_scheduler.StepLR(SGD, 1)},
            "pass it as scheduler=",
        ),
    ],
)  # fmt: skip
def test_slips(model, given, told):
    with pytest.raises(defib.ExportError, match=told):
        defib.check(model, X, Y, **given)


def test_the_model_comes_first():
    with pytest.raises(defib.ExportError, match="the model comes first"):
        defib.check(X, NET, Y, loss="mse")


def test_names_that_are_nearly_right(tmp_path):
    with pytest.raises(TypeError, match=r"did you mean epochs\?"):
        defib.check(NET, X, Y, loss="mse", epoch=3)
    recorder = defib.Recorder(tmp_path / "run", NET)
    with pytest.raises(defib.ExportError, match=r"did you mean optimizer\?"):
        recorder.finish(X, Y, loss="mse", optimiser=SGD)


@pytest.mark.parametrize("name", ["SkorchRecorder", "TransformersRecorder", "KerasRecorder"])
def test_a_package_that_is_missing(monkeypatch, name):
    package = name.removesuffix("Recorder").lower()
    monkeypatch.delitem(sys.modules, f"defib.integrations.{package}", raising=False)
    for held in [name for name in sys.modules if name.startswith(f"{package}.")]:
        monkeypatch.delitem(sys.modules, held)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=f"{name} needs the package {package}"):
        getattr(defib, name)


def test_a_state_carried_between_batches_is_named():
    class Carrying(nn.Module):
        def __init__(self, weight=False):
            super().__init__()
            self.h = torch.zeros(1, 32, 16)
            if weight:
                self.h = nn.Parameter(self.h)
            self.rnn = nn.GRU(2, 16, batch_first=True)

        def forward(self, x):
            return self.rnn(x, self.h)[0][:, -1]

    x, y = torch.randn(64, 4, 2), torch.randn(64, 16)
    with pytest.raises(defib.ExportError, match="carried from batch to batch"):
        defib.check(Carrying(), x, y, loss=nn.MSELoss())
    with pytest.raises(defib.ExportError) as refused:
        defib.check(Carrying(weight=True), x, y, loss=nn.MSELoss())
    assert "carried" not in str(refused.value)
