"""PyTorch's losses, optimizers and training settings as they stand in a run."""

import copy
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import models  # noqa: E402
from test_export_torch import document  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import defib  # noqa: E402

LOSSES = [
    (nn.MSELoss(), {"kind": "mse", "reduction": "mean"}),
    (nn.MSELoss(reduction="sum"), {"kind": "mse", "reduction": "sum"}),
    (nn.L1Loss(), {"kind": "l1", "reduction": "mean"}),
    (nn.SmoothL1Loss(beta=0.5), {"kind": "smooth-l1", "beta": 0.5, "reduction": "mean"}),
    (nn.HuberLoss(delta=2), {"kind": "huber", "delta": 2.0, "reduction": "mean"}),
    (nn.BCELoss(), {"kind": "bce", "clip": -100.0, "reduction": "mean"}),
    (nn.BCEWithLogitsLoss(), {"kind": "bce-with-logits", "reduction": "mean"}),
    (
        nn.CrossEntropyLoss(ignore_index=3, label_smoothing=0.1),
        {"kind": "cross-entropy", "ignore_index": 3, "label_smoothing": 0.1, "reduction": "mean"},
    ),
    (nn.NLLLoss(), {"kind": "nll", "reduction": "mean"}),
    (
        nn.PoissonNLLLoss(log_input=False, full=True),
        {"kind": "poisson-nll", "log_input": False, "full": True, "eps": 1e-8,
         "reduction": "mean"},
    ),
    (
        nn.KLDivLoss(reduction="batchmean", log_target=True),
        {"kind": "kl-div", "log_target": True, "batch_mean": True, "reduction": "mean"},
    ),
    (F.kl_div, {"kind": "kl-div", "log_target": False, "reduction": "mean"}),
    ((nn.MSELoss(), 0.5), {"kind": "mse", "weight": 0.5, "reduction": "mean"}),
    ((nn.MSELoss(), "linear", 2), {"kind": "mse", "weight": 2, "reduction": "mean"}),
    (F.cross_entropy, {"kind": "cross-entropy", "reduction": "mean"}),
    ("MSE", {"kind": "mse"}),
    ("cross_entropy", {"kind": "cross-entropy"}),
    ("bce", {"kind": "bce", "clip": -100.0}),
    ({"kind": "mse", "weight": 2.0}, {"kind": "mse", "weight": 2.0}),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "expected"), LOSSES)
def test_losses(loss, expected):
    run = document(nn.Linear(2, 2), torch.ones(3, 2), torch.ones(3, 2), loss=loss)
    assert run.losses == [expected | {"prediction": "linear", "target": "y"}]


@pytest.mark.parametrize("loss", [nn.NLLLoss(), nn.CrossEntropyLoss(), F.cross_entropy])
def test_what_pytorch_leaves_out_by_default_is_left_out(loss):
    targets = torch.tensor([0, -100, 1])
    run = document(nn.Linear(2, 2), torch.ones(3, 2), targets, loss=loss)
    assert run.losses[0]["ignore_index"] == -100
    run = document(nn.Linear(2, 2), torch.ones(3, 2), targets.clamp(min=0), loss=loss)
    assert "ignore_index" not in run.losses[0]


def test_class_weights_become_a_frozen_parameter():
    loss = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0]))
    run = document(nn.Linear(2, 2), torch.ones(3, 2), torch.zeros(3, dtype=torch.long), loss=loss)
    assert run.losses[0]["class_weight"] == "loss.class_weight"
    assert run.parameters[-1]["trainable"] is False
    np.testing.assert_array_equal(run.array_of("loss.class_weight"), [1, 2])


def test_several_outputs_and_losses():
    model, x = models.make("two")
    y = torch.ones(13, 4)
    losses = document(model, x, [y, y], loss=[nn.MSELoss(), None, "l1"]).losses
    assert [(e["kind"], e["target"]) for e in losses] == [("mse", "y1"), ("l1", "y2")]
    losses = document(model, x, {"t": y}, loss={"prob": "mse"}).losses
    assert [(e["prediction"], e["target"]) for e in losses] == [("softmax", "t")]
    with pytest.warns(defib.DefibWarning, match="pass a list"):
        losses = document(model, x, y, loss="mse").losses
    assert {e["target"] for e in losses} == {"y"}


def test_pairs_of_loss_and_weight_or_output():
    model, x = models.make("two")
    y = torch.ones(13, 4)
    pairs = [(nn.MSELoss(), 2.0), None, (nn.L1Loss(), 0.5)]
    losses = document(model, x, [y, y], loss=pairs).losses
    assert [(e["kind"], e["weight"], e["target"]) for e in losses] == [
        ("mse", 2.0, "y1"), ("l1", 0.5, "y2"),
    ]  # fmt: skip
    named = [(nn.L1Loss(), "prob"), (nn.MSELoss(), "sum", 3.0)]
    losses = document(model, x, y, loss=named).losses
    assert [(e["kind"], e["prediction"], e["target"]) for e in losses] == [
        ("l1", "softmax", "y"), ("mse", "tanh", "y"),
    ]  # fmt: skip
    assert losses[1]["weight"] == 3.0


def test_arrays_of_losses():
    model, x, y = nn.Linear(2, 3), torch.ones(4, 2), torch.ones(4, 3)
    loss = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1.0, 2.0, 3.0]))
    run = document(model, x, y, loss=loss)
    assert run.losses[0]["pos_weight"] == "loss.pos_weight"
    assert run.parameters[-1] == {
        "name": "loss.pos_weight", "file": "weights/loss.pos_weight.npy", "trainable": False,
    }  # fmt: skip
    run = document(model, x, y, loss={"kind": "mse", "sample_weight": np.arange(4.0)})
    assert run.losses[0]["sample_weight"] == "sample_weight"
    assert run.data["sample_weight"] == "data/sample_weight.npy"
    with pytest.raises(defib.ExportError, match="expected 4 rows"):
        document(model, x, y, loss={"kind": "mse", "sample_weight": np.arange(3.0)})


def test_gaussian_loss_takes_its_variance_from_the_other_output():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.mean, self.spread = nn.Linear(2, 1), nn.Linear(2, 1)

        def forward(self, x):
            return {"mean": self.mean(x), "var": F.softplus(self.spread(x))}

    x, y = torch.ones(4, 2), torch.ones(4, 1)
    for loss in (
        nn.GaussianNLLLoss(), [nn.GaussianNLLLoss(), None],
        {"kind": "gaussian-nll", "prediction": "mean", "variance": "var"},
    ):  # fmt: skip
        (entry,) = document(Net(), x, y, loss=loss).losses
        assert (entry["prediction"], entry["variance"]) == ("mean", "softplus")


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (nn.MSELoss(reduction="none"), "reduction 'none'"),
        (nn.BCELoss(weight=torch.ones(3, 1)), "sample_weight"),
        (nn.MultiMarginLoss(), "MultiMarginLoss fails on a few rows"),
        (nn.GaussianNLLLoss(), "which output is the variance"),
        (nn.CTCLoss(), "CTCLoss fails on a few rows"),
        (lambda a, b: a - b, "one number"),
        ("nope", "'nope' is not one of mse"),
        ({"kind": "mse", "beta": 1}, "no setting 'beta'"),
        ({"kind": "mse", "weight": float("nan")}, "not finite"),
    ],
)
def test_losses_that_cannot_be(loss, message):
    with pytest.raises(defib.ExportError, match=message):
        document(nn.Linear(2, 2), torch.ones(3, 2), torch.ones(3, 2), loss=loss).to_json()


def test_optimizers():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    x = torch.ones(3, 2)

    def read(optimizer):
        return document(model, x, optimizer=optimizer).training["optimizer"]

    sgd = read(torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, nesterov=True))
    assert (sgd["kind"], sgd["learning_rate"], sgd["momentum"], sgd["nesterov"]) == (
        "sgd", 0.1, 0.9, True,
    )  # fmt: skip
    assert "groups" not in sgd
    assert read(torch.optim.Adam(model.parameters()))["betas"] == [0.9, 0.999]
    assert read(torch.optim.AdamW(model.parameters()))["weight_decay"] == 0.01
    assert read(torch.optim.RMSprop(model.parameters()))["alpha"] == 0.99
    assert read(torch.optim.Adagrad(model.parameters()))["initial_accumulator"] == 0
    assert read({"kind": "adam", "lr": 1e-3}) == {"kind": "adam", "learning_rate": 1e-3}
    two = read(
        torch.optim.SGD(
            [{"params": model[0].parameters()}, {"params": model[1].parameters(), "lr": 1.0}], 0.1
        )
    )
    assert two["groups"] == [
        {"parameters": ["0.weight", "0.bias"]},
        {"parameters": ["1.weight", "1.bias"], "learning_rate": 1.0},
    ]
    part = read(torch.optim.SGD(model[0].parameters(), 0.1))
    assert part["missing"] == ["1.weight", "1.bias"]
    assert "groups" not in part
    with pytest.raises(defib.ExportError, match="maximizes"):
        read(torch.optim.Adam(model.parameters(), maximize=True))
    with pytest.warns(defib.DefibWarning, match="NAdam is not known"):
        run = document(model, x, optimizer=torch.optim.NAdam(model.parameters()))
    assert "optimizer" not in run.training
    with pytest.raises(defib.ExportError, match="no setting 'beta'"):
        read({"kind": "sgd", "lr": 0.1, "beta": 1})


def test_schedule_gives_the_rate_of_the_start():
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), 0.5)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.1)
    optimizer.step()
    scheduler.step()
    training = document(model, torch.ones(2, 1), optimizer=optimizer).training
    assert training["optimizer"]["learning_rate"] == 0.5
    assert training["optimizer"]["current_learning_rate"] == 0.05


def test_initial():
    model, (x,) = models.make("tied")
    before = copy.deepcopy(model.state_dict())
    with torch.no_grad():
        model.enc.weight += 1
    for initial in (before, [before[n] for n in ("enc.weight", "enc.bias", "dec.bias")]):
        run = document(model, x, initial=initial)
        entry = run.parameters[0]
        np.testing.assert_array_equal(run.arrays[entry["initial"]], before["enc.weight"])
    assert "initial" in document(model, x, initial=models.make("tied")[0]).parameters[2]
    with pytest.warns(defib.DefibWarning, match="shares its memory"):
        document(model, x, initial=model.state_dict())
    with pytest.raises(defib.ExportError, match=r"initial names \['nope'\]"):
        document(model, x, initial={"nope": x})
    with pytest.raises(defib.ExportError, match=r"enc.bias has shape \(2,\); expected \(4,\)"):
        document(model, x, initial={"enc.bias": torch.ones(2)})
    with pytest.raises(defib.ExportError, match="1 arrays; the model has 3"):
        document(model, x, initial=[x])


def test_training_settings():
    run = document(
        nn.Linear(2, 1), torch.ones(4, 2), torch.ones(4, 1), batch_size=2, epochs=3, steps=6,
        shuffle=True, history={"loss": [3.0, 2.0, 1.0], "val_loss": [torch.tensor(1.0)] * 6},
        validation=(torch.zeros(2, 2), torch.zeros(2, 1)),
    )  # fmt: skip
    assert run.training == {
        "mode": "train", "batch_size": 2, "epochs": 3, "steps": 6, "shuffle": True,
    }  # fmt: skip
    assert run.history["loss"]["per"] == "epoch"
    assert run.history["validation_loss"]["per"] == "step"
    assert run.validation == {"x": "validation/x.npy", "y": "validation/y.npy"}
    json.loads(run.to_json())
