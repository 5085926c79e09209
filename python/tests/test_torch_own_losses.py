"""Losses that a script wrote itself: values and gradients against autograd in float64."""

import copy
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402
from torch_own_losses import CUSTOM, LOSSES, Focal, targets  # noqa: E402

import defib  # noqa: E402

ROWS, BATCH = 40, 16


def network(width):
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, width))


def wide(value):
    if isinstance(value, torch.Tensor):
        return value.double() if value.is_floating_point() else value
    return value


def average(model, loss, x, y, *, summed=False):
    """The loss of the average batch (docs/run-format.md) and its gradients, in float64."""
    model, x, y = copy.deepcopy(model).double(), wide(x), wide(y)
    loss = copy.deepcopy(loss).double() if isinstance(loss, nn.Module) else loss
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    total = 0.0
    try:
        for first in range(0, len(x), BATCH):
            rows = slice(first, first + BATCH)
            share = BATCH if summed else len(x[rows])
            total = total + loss(model(x[rows]), y[rows]) * (share / len(x))
        total.backward()
    finally:
        torch.set_default_dtype(before)
    return total.item(), {name: p.grad.numpy() for name, p in model.named_parameters()}


def compare(replay, expected):
    loss, gradients = expected
    assert replay.loss == pytest.approx(loss, rel=2e-5, abs=1e-6)
    size = np.sqrt(sum((g**2).sum() for g in gradients.values()))
    for name, wanted in gradients.items():
        assert np.linalg.norm(replay.gradients[name] - wanted) < 2e-5 * size, name


def entries(tmp_path, model, x, y, loss):
    run = defib.export(tmp_path / "run", model, x, y, loss=loss, batch_size=BATCH, verify=False)
    return json.loads((run.path / "run.json").read_text())["losses"]


@pytest.mark.engine
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_the_scripts_own_is_replayed(name, tmp_path):
    loss, width, what, kinds = LOSSES[name]
    model = network(width)
    torch.manual_seed(4)
    x, y = torch.randn(ROWS, 4), targets(what, ROWS, width)
    found = entries(tmp_path, model, x, y, loss)
    assert [entry["kind"] for entry in found] == kinds
    # A weighted loss of `WEIGHTS` is one of float32, and so are the constants of the script.
    held = loss
    if name in ("smoothed terms", "weighted events"):
        held = _in_float64(name)
    summed = all(entry.get("reduction") == "sum" for entry in found)
    compare(
        defib.replay(model, x, y, loss=loss, batch_size=BATCH),
        average(model, held, x, y, summed=summed),
    )


def _in_float64(name):
    weights = torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)
    if name == "smoothed terms":
        return lambda o, t: F.cross_entropy(
            o, t, weight=weights, label_smoothing=0.1, reduction="none"
        ).mean()
    return lambda o, t: (
        F.binary_cross_entropy_with_logits(
            o, t, pos_weight=torch.tensor([3.0], dtype=torch.float64), reduction="none"
        ).mean()
        * 1.5
    )


class Variational(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode, self.decode = nn.Linear(4, 4), nn.Linear(2, 4)

    def forward(self, x):
        mean, spread = self.encode(x).chunk(2, dim=1)
        return self.decode(mean), mean, spread


class Named(Variational):
    def forward(self, x):
        output, mean, spread = super().forward(x)
        return {"output": output, "mean": mean, "spread": spread}


def variational(held, x):
    output, mean, spread = held
    error = F.mse_loss(output, x, reduction="sum") / x.shape[0]
    return error - 0.5 * torch.mean(torch.sum(1 + spread - mean.pow(2) - spread.exp(), dim=1))


def by_name(held, x):
    return variational((held["output"], held["mean"], held["spread"]), x)


@pytest.mark.engine
@pytest.mark.parametrize(("kind", "loss"), [(Variational, variational), (Named, by_name)])
def test_one_loss_may_take_all_outputs(kind, loss):
    torch.manual_seed(5)
    model, x = kind(), torch.randn(ROWS, 4)
    compare(defib.replay(model, x, x, loss=loss, batch_size=BATCH), average(model, loss, x, x))


@pytest.mark.engine
def test_one_loss_may_take_several_targets():
    def loss(output, y):
        values, labels = y
        return F.mse_loss(output[:, :1], values) + F.cross_entropy(output[:, 1:], labels)

    torch.manual_seed(6)
    model, x = network(4), torch.randn(ROWS, 4)
    y = (torch.randn(ROWS, 1), torch.randint(0, 3, (ROWS,)))
    replay = defib.replay(model, x, y, loss=loss)
    wanted = loss(model.double()(x.double()), (y[0].double(), y[1]))
    assert replay.loss == pytest.approx(wanted.item(), rel=1e-5)


@pytest.mark.engine
def test_each_output_may_have_a_loss_of_its_own():
    torch.manual_seed(7)
    model, x = Variational(), torch.randn(ROWS, 4)
    losses = [(lambda o, t: ((o - t) ** 2).mean(), 2.0), lambda o, t: (o - t).abs().sqrt().mean()]
    y = [torch.randn(ROWS, 4), torch.randn(ROWS, 2)]
    replay = defib.replay(model, x, y, loss=[*losses, None])
    output, mean, _ = model.double()(x.double())
    wanted = 2 * ((output - y[0]) ** 2).mean() + (mean - y[1]).abs().sqrt().mean()
    assert replay.loss == pytest.approx(wanted.item(), rel=1e-5)


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.head = nn.Embedding(7, 5), nn.Linear(5, 7)

    def forward(self, ids):
        return self.head(torch.tanh(self.table(ids)))


@pytest.mark.engine
def test_flattened_tokens_are_a_cross_entropy_with_classes_on_axis_1(tmp_path):
    torch.manual_seed(8)
    model, x = Tokens(), torch.randint(0, 7, (ROWS, 6))
    y = torch.randint(0, 7, (ROWS, 6))
    y[:, -1] = -100

    def loss(output, target):
        return F.cross_entropy(output.view(-1, output.size(-1)), target.view(-1))

    (entry,) = entries(tmp_path, model, x, y, loss)
    assert (entry["kind"], entry["ignore_index"]) == ("cross-entropy", -100)
    compare(defib.replay(model, x, y, loss=loss, batch_size=BATCH), average(model, loss, x, y))


@pytest.mark.engine
def test_ignored_labels_are_found_beyond_the_first_rows():
    torch.manual_seed(9)
    model, x, y = network(3), torch.randn(ROWS, 4), torch.randint(0, 3, (ROWS,))
    y[-5:] = -100

    def loss(output, target):
        return F.cross_entropy(output, target, reduction="none").sum() / (target >= 0).sum()

    compare(defib.replay(model, x, y, loss=loss, batch_size=BATCH), average(model, loss, x, y))


@pytest.mark.engine
def test_a_sound_network_with_a_loss_of_its_own_is_healthy():
    torch.manual_seed(10)
    x = torch.randn(400, 4)
    y = x[:, :3].argmax(1)

    def report(rate):
        model, loss = network(3), Focal()
        before = copy.deepcopy(model.state_dict())
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        for _ in range(300):
            rows = torch.randint(0, len(x), (32,))
            optimizer.zero_grad()
            loss(model(x[rows]), y[rows]).backward()
            optimizer.step()
        return defib.check(
            model, x, y, loss=loss, optimizer=optimizer, batch_size=32, steps=300, initial=before
        )

    assert report(1e-2).verdict == "healthy"
    rules = {finding.rule for finding in report(1e-7).causes}
    assert "learning-rate-too-low" in rules


REFUSED = {
    "several numbers": (lambda o, t: (o - t) ** 2, "one number"),
    "control flow": (lambda o, t: (o - t).mean() if o.sum() > 0 else t.mean(), "must not depend"),
    "unknown": (lambda o, t: torch.linalg.svdvals(o - t).sum(), "svd"),
    "other arguments": (lambda o, t, w: ((o - t) * w).mean(), "loss(output, target)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_replayed_is_refused_with_a_reason(name, capfd):
    loss, words = REFUSED[name]
    with pytest.raises(defib.ExportError, match=words.replace("(", r"\(").replace(")", r"\)")):
        defib.replay(network(2), torch.randn(ROWS, 4), torch.randn(ROWS, 2), loss=loss)
    assert "def forward" not in "".join(capfd.readouterr())


def test_a_loss_with_weights_of_its_own_or_of_the_model_is_refused():
    class Learned(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(1))

        def forward(self, output, target):
            return (self.scale * (output - target) ** 2).mean()

    model, x, y = network(2), torch.randn(ROWS, 4), torch.randn(ROWS, 2)
    with pytest.raises(defib.ExportError, match="scale"):
        defib.replay(model, x, y, loss=Learned())
    with pytest.raises(defib.ExportError, match="weight_decay"):
        defib.replay(
            model, x, y,
            loss=lambda o, t: ((o - t) ** 2).mean() + 0.1 * model[0].weight.square().sum(),
        )  # fmt: skip


@pytest.mark.engine
def test_the_proof_notices_a_loss_that_differs(monkeypatch):
    from defib.exporters.torch import custom

    whole = custom.entries

    def wrong(own, document, tensors, held):
        found = whole(own, document, tensors, held)
        for node in found[0]["graph"]["nodes"]:
            node["op"] = {"Sub": "Add"}.get(node["op"], node["op"])
        return found

    monkeypatch.setattr("defib.exporters.torch.own.entries", wrong)
    with pytest.raises(defib.UnfaithfulExport, match="the loss"):
        defib.replay(
            network(2), torch.randn(ROWS, 4), torch.randn(ROWS, 2),
            loss=lambda o, t: torch.sqrt(((o - t) ** 2).mean()),
        )  # fmt: skip
    assert CUSTOM == "custom"


def test_a_number_that_is_read_for_a_log_changes_nothing(tmp_path):
    noted = []

    def loss(output, target):
        value = F.mse_loss(output, target)
        noted.append(value.item())
        noted.append((output - target).abs().mean().detach().cpu().numpy())
        return value

    x = torch.randn(ROWS, 4)
    (entry,) = entries(tmp_path, network(1), x, x[:, :1], loss)
    assert entry["kind"] == "mse"
