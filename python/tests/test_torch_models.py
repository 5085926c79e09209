"""The states in which models come: wrapped, frozen, half precise, without values."""

import copy
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import autograd_reference  # noqa: E402
import torch_compare  # noqa: E402
import torch_networks  # noqa: E402
from test_export_torch import document  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn.utils import parametrizations, prune  # noqa: E402

import defib  # noqa: E402


def small():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))


X = torch.arange(12.0).reshape(4, 3)


@pytest.mark.parametrize(
    "wrap",
    [nn.DataParallel, torch.compile, lambda m: nn.DataParallel(torch.compile(m))],
    ids=["parallel", "compiled", "both"],
)
def test_wrappers_are_taken_off(wrap):
    model = small()
    wrapped = wrap(model)
    before = copy.deepcopy(wrapped.state_dict())
    optimizer = torch.optim.SGD(wrapped.parameters(), 0.1)
    run = document(wrapped, X, initial=before, optimizer=optimizer)
    plain = document(model, X)
    assert [e["name"] for e in run.parameters] == [e["name"] for e in plain.parameters]
    assert run.nodes == plain.nodes
    assert all("initial" in entry for entry in run.parameters)


def test_distributed_model():
    distributed = torch.distributed
    if not distributed.is_available():
        pytest.skip("torch was built without it")
    store = distributed.HashStore()
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        model = small()
        run = document(nn.parallel.DistributedDataParallel(model), X)
    finally:
        distributed.destroy_process_group()
    assert run.nodes == document(model, X).nodes


def test_modules_without_values_say_so_in_one_sentence():
    model = nn.Sequential(nn.LazyConv2d(3, 2), nn.Flatten(), nn.LazyLinear(2))
    message = r"0.weight, 0.bias, 2.weight, 2.bias: no values yet; run the model on one batch"
    with pytest.raises(defib.ExportError, match=message):
        document(model, torch.ones(2, 1, 4, 4))
    model(torch.ones(2, 1, 4, 4))
    assert document(model, torch.ones(2, 1, 4, 4)).parameters
    with pytest.raises(defib.ExportError, match="no values yet"):
        document(small().to("meta"), X)


def norms(run):
    return [n["attributes"]["training_mode"] for n in run.nodes if n["op"].startswith("Batch")]


def test_modes():
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout())
    model.train()
    assert norms(document(model, X)) == [1, 1]
    model[0].eval()  # frozen inside a model in training
    model[3].eval()
    run = document(model, X)
    assert norms(run) == [0, 1]
    assert "Dropout" not in [node["op"] for node in run.nodes]
    torch_compare.compare(run, model, [X])
    model.eval()  # as every script leaves it after an evaluation
    assert norms(document(model, X)) == [1, 1]
    assert norms(document(model, X, mode="eval")) == [0, 0]
    assert not any(module.training for module in model.modules())


def test_running_figures_are_no_trainable_parameters():
    entries = {entry["name"]: entry for entry in document(small(), X).parameters}
    assert entries["1.running_mean"]["trainable"] is False
    assert "1.num_batches_tracked" not in entries
    assert "trainable" not in entries["1.weight"]


def test_frozen_parts():
    model, inputs = torch_compare.make(torch_networks.NETWORKS["lstm"])
    model.embed.requires_grad_(False)
    run = torch_compare.export(model, inputs)
    frozen = [e["name"] for e in run.parameters if not e.get("trainable", True)]
    assert "embed.weight" in frozen
    assert "lstm.weight_ih_l0" not in frozen
    torch_compare.compare(run, model, inputs)


@pytest.mark.parametrize("name", ["resnet", "lstm", "transformer", "autoencoder"])
@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16], ids=["half", "bfloat16"])
def test_half_precision(name, kind):
    model, inputs = torch_compare.make(torch_networks.NETWORKS[name])
    inputs = [x.to(kind) if x.is_floating_point() else x for x in inputs]
    run = torch_compare.export(model.to(kind), inputs)
    assert run.training["precision"] == str(kind).removeprefix("torch.")
    torch_compare.compare(run, model, inputs)


def test_tied_modules_are_one_parameter():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(7, 4)
            self.head = nn.Linear(4, 7, bias=False)
            self.head.weight = self.embed.weight
            self.norm = nn.LayerNorm(4)
            self.again = self.norm

        def forward(self, ids):
            return self.head(self.again(self.norm(self.embed(ids))))

    model, ids = Net(), torch.randint(7, (5, 3))
    run = document(model, ids)
    assert [e["name"] for e in run.parameters] == ["embed.weight", "norm.weight", "norm.bias"]
    torch_compare.compare(run, model, [ids])


@pytest.mark.parametrize(
    "wrap",
    [
        parametrizations.weight_norm,
        lambda m: parametrizations.weight_norm(m, dim=None),
        lambda m: nn.Sequential(parametrizations.weight_norm(m), nn.Tanh()),
    ],
)
def test_weight_norm_is_part_of_the_graph(wrap):
    model = wrap(nn.Linear(3, 4))
    run = document(model, X)
    names = {entry["name"] for entry in run.parameters}
    assert names == {name for name, _ in model.named_parameters()}
    torch_compare.compare(run, model, [X])


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize(
    ("change", "made"),
    [
        (torch.nn.utils.weight_norm, "0.weight_g"),
        (lambda m: prune.l1_unstructured(m, "weight", 0.5), "0.weight_orig"),
    ],
    ids=["weight_norm", "prune"],
)
@pytest.mark.filterwarnings("ignore")
def test_weights_made_by_hooks_are_traced_by_torch_export(change, made, mode):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    change(model[0])
    run = document(model, X, mode=mode)
    assert made in [entry["name"] for entry in run.parameters]
    outputs, _ = autograd_reference.replay(json.loads(run.to_json()), run.arrays)
    (found,) = outputs.values()
    np.testing.assert_allclose(found.detach().numpy(), model(X).detach().numpy(), atol=1e-5)
    assert type(model[0].weight) is torch.Tensor


@pytest.mark.filterwarnings("ignore")
def test_weights_that_no_run_can_compute_are_refused():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    torch.nn.utils.spectral_norm(model[0])
    with pytest.raises(defib.ExportError, match="0: Linear computes its weight in a hook"):
        document(model, X)


def test_padding_row_gets_no_gradient():
    model, inputs = torch_compare.make(torch_networks.NETWORKS["lstm"])
    with torch.no_grad():
        model.embed.weight[0] = 3.0  # as a loaded table may have it
    run = torch_compare.export(model, inputs)
    torch_compare.compare(run, model, inputs)


def test_tracing_leaves_nothing_behind():
    class Net(nn.Module):
        def forward(self, x):
            return x * torch.tensor([1.0, 2.0, 3.0])

    model = Net()
    before = dict(vars(model))
    torch_compare.compare(document(model, X), model, [X])
    assert dict(vars(model)) == before


def test_whole_numbers_as_data_of_a_float_model():
    model = nn.Linear(3, 2)
    run = document(model, np.arange(12).reshape(4, 3))
    assert run.arrays["data/x.npy"].dtype.kind == "i"
    assert [node["op"] for node in run.nodes] == ["Gemm"]


def test_part_of_a_tensor_changed_in_place_is_refused():
    class Net(nn.Module):
        def forward(self, x):
            y = x * 1
            y.t()[0].relu_()
            return y

    with pytest.raises(defib.ExportError, match="in place"):
        document(Net(), X)


def test_results_that_a_run_cannot_hold_are_named():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.attend = nn.MultiheadAttention(4, 2, batch_first=True)

        def forward(self, x):
            y, weights = self.attend(x, x, x)
            return y.sum(2) @ weights

    # torch.fx keeps the module whole; torch.export takes it apart.
    model, x = Net(), torch.randn(3, 5, 4)
    torch_compare.compare(document(model, x), model, [x])


def test_random_numbers_are_refused():
    class Net(nn.Module):
        def forward(self, x):
            return x + torch.bernoulli(x.sigmoid()) if self.training else x + 1

    with pytest.raises(defib.ExportError, match="bernoulli draws random numbers"):
        document(Net(), X)
    assert document(Net(), X, mode="eval").nodes
