"""The torch exporter against torch itself, by way of the independent interpreter."""

import copy
import json
import math

import numpy as np
import pytest
import reference

torch = pytest.importorskip("torch")

import models  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402


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
        self.rnn = nn.LSTM(3, 4, batch_first=True, proj_size=3)
        self.norm = nn.LocalResponseNorm(2)
        self.mix = nn.Bilinear(3, 3, 3)
        self.fc = nn.Linear(3, 2)
        self.head = nn.Linear(2, 2)

    def forward(self, x):
        h, _ = self.rnn(x)
        h = self.norm(h)[:, -1]
        h = self.fc(self.mix(h, h + torch.randn_like(h)))
        h = F.adaptive_max_pool1d(self.head(h)[:, None], 3)
        return torch.linalg.svdvals(h)


def test_all_unsupported_operators_are_listed_at_once():
    with pytest.raises(defib.ExportError) as error:
        document(Everything(), torch.ones(4, 5, 3))
    lines = [line.strip() for line in str(error.value).splitlines()]
    for line in (
        "rnn: LSTM has a proj_size",
        "norm: LocalResponseNorm",
        "linalg_svdvals: linalg_svdvals",
    ):
        assert any(found.startswith(line) for found in lines), line
    assert not any(line.startswith("fc") for line in lines)
    assert "Write these with other functions" in str(error.value)


def test_data_dependent_path_names_the_module():
    class Inner(nn.Module):
        def forward(self, x):
            return x if x.sum() > 0 else -x

    with pytest.raises(defib.ExportError, match=r"1 \(Inner\): forward.*or write torch.where"):
        document(nn.Sequential(nn.Linear(2, 2), Inner()), torch.ones(3, 2))


def test_a_path_by_the_number_of_rows_names_the_module():
    class Ghost(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(2)

        def forward(self, x):
            parts = math.ceil(x.shape[0] / 128)
            return torch.cat([self.norm(part) for part in x.chunk(parts)])

    with pytest.raises(defib.ExportError, match=r"1 \(Ghost\): forward.*x.shape\[0\].*BatchNorm1d"):
        document(nn.Sequential(nn.Linear(2, 2), Ghost()), torch.ones(8, 2))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Sequential(nn.Linear(3, 2)), "x has 5 columns, layer 0 takes 3"),
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
