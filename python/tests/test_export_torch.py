"""The torch exporter against torch itself, by way of the independent interpreter."""

import copy
import json

import models
import numpy as np
import pytest
import reference
import torch
from torch import nn
from torch.nn import functional as F

import defib
from defib.exporters import Settings, build


def document(model, x, y=None, **settings):
    return build(model, x, y, Settings(**settings))


def leaves(value):
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else [value]


@pytest.mark.parametrize("name", models.CASES)
def test_forward_is_that_of_torch(name):
    model, inputs = models.make(name)
    run = document(model, inputs if len(inputs) > 1 else inputs[0])
    found = reference.outputs(json.loads(run.to_json()), run.arrays)
    model.double().eval()
    with torch.no_grad():
        expected = leaves(model(*(x.double() for x in inputs)))
    assert len(found) == len(expected)
    for array, tensor in zip(found.values(), expected, strict=True):
        np.testing.assert_allclose(array, tensor.numpy(), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", models.CASES)
def test_disk_and_memory_hold_the_same(name, tmp_path):
    model, inputs = models.make(name)
    x = inputs if len(inputs) > 1 else inputs[0]
    memory = document(model, x)
    run = defib.export(tmp_path / "run", model, x)
    text, arrays = (run.path / "run.json").read_text(), reference.load(run.path)[1]
    assert text == memory.to_json()
    assert arrays.keys() == memory.arrays.keys()
    for path, array in arrays.items():
        np.testing.assert_array_equal(array, memory.arrays[path])
        assert array.dtype == memory.arrays[path].dtype


def test_model_stays_as_it_was():
    model, (x,) = models.make("modules")
    model.eval()
    model[1].train()
    before = copy.deepcopy(model.state_dict())
    modes = [m.training for m in model.modules()]
    seed = torch.get_rng_state()
    document(model, x)
    assert modes == [m.training for m in model.modules()]
    assert torch.equal(seed, torch.get_rng_state())
    assert all(
        torch.equal(a, b) for a, b in zip(before.values(), model.state_dict().values(), strict=True)
    )


def test_arrays_are_the_models_own_memory():
    model, (x,) = models.make("tied")
    run = document(model, x)
    assert run.arrays["data/x.npy"].ctypes.data == x.data_ptr()
    assert run.arrays["weights/enc.weight.npy"].ctypes.data == model.enc.weight.data_ptr()


def test_names_are_the_users():
    model, (x,) = models.make("residual")
    run = document(model, x)
    names = [entry["name"] for entry in run.parameters]
    assert set(names) <= set(model.state_dict())
    layers = [node["layer"] for node in run.nodes if node["op"] != "Constant"]
    assert layers[:4] == ["first", "relu", "block1.fc", "block1/tanh"]
    buffer = next(entry for entry in run.parameters if entry["name"] == "block1.shift")
    assert buffer["trainable"] is False


def test_leaf_root_has_short_names():
    run = document(nn.Linear(1, 1), [[1.0], [2.0]])
    assert [entry["name"] for entry in run.parameters] == ["weight", "bias"]
    assert [node["layer"] for node in run.nodes] == ["linear"]
    assert run.inputs == ["x"]


def test_tied_weights_are_one_parameter_and_frozen_ones_are_marked():
    model, (x,) = models.make("tied")
    model.enc.bias.requires_grad_(False)
    entries = {e["name"]: e for e in document(model, x).parameters}
    assert list(entries) == ["enc.weight", "enc.bias", "dec.bias"]
    assert entries["enc.bias"]["trainable"] is False
    assert "trainable" not in entries["enc.weight"]


def test_functional_dropout_follows_the_mode():
    class Net(nn.Module):
        def forward(self, x):
            return F.dropout(F.relu(x), 0.3, training=self.training) + 0

    net = Net().eval()
    ops = [n["op"] for n in document(net, torch.ones(3, 2)).nodes]
    assert "Dropout" in ops
    assert "Dropout" not in [n["op"] for n in document(net, torch.ones(3, 2), mode="eval").nodes]


def test_half_precision():
    model = nn.Linear(2, 2)
    run = document(model.half(), torch.ones(3, 2).half())
    assert run.arrays["weights/weight.npy"].dtype == np.float16
    assert run.training["precision"] == "float16"
    run = document(model.bfloat16(), torch.ones(3, 2).bfloat16())
    assert run.arrays["weights/weight.npy"].dtype == np.float32
    assert run.training["precision"] == "bfloat16"


class Everything(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 3, batch_first=True)
        self.norm = nn.GroupNorm(1, 3)
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        h, _ = self.rnn(x)
        h = torch.cumsum(self.fc(self.norm(h[:, -1])), 1)
        return h.erf()


def test_all_unsupported_operators_are_listed_at_once():
    with pytest.raises(defib.ExportError) as error:
        document(Everything(), torch.ones(4, 5, 3))
    lines = [line.strip() for line in str(error.value).splitlines()]
    for line in (
        "rnn: LSTM",
        "norm: GroupNorm",
        "cumsum: cumsum",
        "erf: erf",
        "getitem_2: getitem",
    ):
        assert line in lines
    assert not any(line.startswith("fc") for line in lines)
    assert "Replace" in str(error.value)


def test_data_dependent_path_names_the_module():
    class Inner(nn.Module):
        def forward(self, x):
            return x if x.sum() > 0 else -x

    with pytest.raises(defib.ExportError, match=r"1 \(Inner\).*cannot be traced"):
        document(nn.Sequential(nn.Linear(2, 2), Inner()), torch.ones(3, 2))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Sequential(nn.Linear(3, 2)), "0: does not fit"),
        (nn.LazyLinear(3), "no values yet"),
        (object(), "cannot be exported"),
    ],
)
def test_what_does_not_fit_is_named(model, message):
    with pytest.raises(defib.ExportError, match=message):
        document(model, torch.ones(4, 5))


def test_hard_coded_batch_is_an_error():
    class Net(nn.Module):
        def forward(self, x):
            return x.view(4, -1)

    with pytest.raises(defib.ExportError, match=r"view: does not fit.*x.shape\[0\]"):
        document(Net(), torch.ones(4, 5))


def test_inputs_by_name_and_defaults():
    model, (left, right) = models.make("two")
    for x in ([left, right], (left, right), {"right": right, "left": left}):
        run = document(model, x)
        assert run.data == {"left": "data/left.npy", "right": "data/right.npy"}
    with pytest.raises(defib.ExportError, match="forward takes"):
        document(model, {"left": left})
    with pytest.raises(defib.ExportError, match="expected 2: left, right"):
        document(model, left)
    scaled = document(model, [left, right, torch.ones(13, 4)])
    assert scaled.inputs == ["left", "right", "scale"]


# -- losses, optimizers, settings


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
    with pytest.raises(defib.ExportError, match="pass a list"):
        document(model, x, y, loss="mse")


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (nn.MSELoss(reduction="none"), "reduction 'none'"),
        (nn.BCEWithLogitsLoss(pos_weight=torch.ones(1)), "pos_weight"),
        (nn.CTCLoss(), "CTCLoss is not known"),
        (lambda a, b: a - b, "lambda.* is not known"),
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
    assert part["groups"] == [{"parameters": ["1.weight", "1.bias"], "learning_rate": 0.0}]
    with pytest.raises(defib.ExportError, match="LBFGS is not known"):
        read(torch.optim.LBFGS(model.parameters()))
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
    with pytest.raises(defib.ExportError, match="shares its memory"):
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
