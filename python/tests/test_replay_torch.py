"""The engine's outputs, losses and gradients against torch's autograd. Needs the library."""

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import models  # noqa: E402
from torch import nn  # noqa: E402

import defib  # noqa: E402

pytestmark = pytest.mark.engine

ACTIVATIONS = [
    nn.ReLU, lambda: nn.LeakyReLU(0.1), nn.Sigmoid, nn.Tanh, nn.Identity,
    lambda: nn.Softmax(dim=-1), lambda: nn.LogSoftmax(dim=-1),
]  # fmt: skip

#: name -> (criterion by reduction, last layer, targets by (rows, width))
LOSSES = {
    "mse": (nn.MSELoss, None, torch.randn),
    "l1": (nn.L1Loss, None, torch.randn),
    "smooth-l1": (lambda reduction: nn.SmoothL1Loss(reduction, beta=0.7), None, torch.randn),
    "huber": (lambda reduction: nn.HuberLoss(reduction, delta=0.7), None, torch.randn),
    "bce": (nn.BCELoss, nn.Sigmoid, lambda n, k: torch.randint(2, (n, k)).float()),
    "bce-with-logits": (nn.BCEWithLogitsLoss, None, torch.rand),
    "cross-entropy": (nn.CrossEntropyLoss, None, lambda n, k: torch.randint(k, (n,))),
    "cross-entropy of probabilities": (
        nn.CrossEntropyLoss, None, lambda n, k: torch.rand(n, k).softmax(1),
    ),
    "smoothed cross-entropy": (
        lambda reduction: nn.CrossEntropyLoss(reduction=reduction, label_smoothing=0.1),
        None,
        lambda n, k: torch.randint(k, (n,)),
    ),
    "ignoring cross-entropy": (
        lambda reduction: nn.CrossEntropyLoss(reduction=reduction, ignore_index=0),
        None,
        lambda n, k: torch.cat([torch.ones(1).long(), torch.randint(k, (n - 1,))]),
    ),
    "nll": (nn.NLLLoss, lambda: nn.LogSoftmax(dim=1), lambda n, k: torch.randint(k, (n,))),
}  # fmt: skip


def expect(model, x, y, criterion, batch_size=None):
    """Outputs, loss and gradients of the average batch (docs/run-format.md), from autograd."""
    size = batch_size or len(x)
    model.zero_grad()
    outputs, total = [], 0.0
    for first in range(0, len(x), size):
        rows = slice(first, first + size)
        output = model(x[rows])
        share = size if criterion.reduction == "sum" else len(x[rows])
        loss = criterion(output, y[rows]) * (min(share, len(x)) / len(x))
        loss.backward()
        outputs.append(output.detach())
        total += loss.item()
    gradients = {name: p.grad.numpy().copy() for name, p in model.named_parameters()}
    return torch.cat(outputs).numpy(), total, gradients


def near(found, expected, what, limit=1e-5):
    assert found.shape == expected.shape, what
    assert found.dtype == np.float32
    distance = np.linalg.norm((found - expected).astype(float).ravel())
    size = max(np.linalg.norm(expected.astype(float).ravel()), 1e-30)
    assert distance / size < limit, f"{what}: {distance / size:.2e}"


def compare(replay, expected):
    output, loss, gradients = expected
    (found,) = replay.outputs.values()
    near(found, output, "output")
    assert replay.loss == pytest.approx(loss, rel=1e-5)
    assert set(replay.gradients) == set(gradients)
    for name, gradient in gradients.items():
        near(replay.gradients[name], gradient, name)


def network(seed, head=None):
    """A random MLP of 1 to 8 layers with its inputs: 1 to 1000 rows."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    widths = rng.integers(2, 33, rng.integers(2, 10))
    parts = []
    for before, after in itertools.pairwise(widths):
        parts.append(nn.Linear(int(before), int(after), bias=bool(rng.integers(4))))
        parts.append(ACTIVATIONS[rng.integers(len(ACTIVATIONS))]())
    parts[-1:] = [head()] if head else []
    rows = int(rng.choice([1, 2, 7, 32, 250, 1000]))
    return nn.Sequential(*parts), torch.randn(rows, int(widths[0])), int(widths[-1])


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("seed", range(4))
def test_random_networks(seed, name, reduction):
    make, head, targets = LOSSES[name]
    model, x, width = network(100 * seed + len(name), head)
    y, criterion = targets(len(x), width), make(reduction=reduction)
    compare(defib.replay(model, x, y, loss=criterion, mode="eval"), expect(model, x, y, criterion))


@pytest.mark.parametrize("batch_size", [1, 7, 32, 100, 1000])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("workers", [1, 2])
def test_batches(batch_size, reduction, workers):
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(5, 9), nn.Tanh(), nn.Linear(9, 3))
    x, y = torch.randn(100, 5), torch.randint(3, (100,))
    criterion = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 0.5]), reduction=reduction)
    replay = defib.replay(model, x, y, loss=criterion, batch_size=batch_size, workers=workers)
    expected = expect(model, x, y, criterion, batch_size)
    replay.gradients.pop("loss.class_weight", None)
    compare(replay, expected)


@pytest.mark.parametrize("name", models.CASES)
def test_models(name, tmp_path):
    """Every operator, from disk and from memory, gradients included."""
    model, inputs = models.make(name)
    model.eval()
    x = inputs if len(inputs) > 1 else inputs[0]
    result = model(*inputs)
    outputs = list(result.values()) if isinstance(result, dict) else [result]
    y = torch.randn(outputs[0].shape)
    losses = [nn.MSELoss()] + [None] * (len(outputs) - 1)
    if list(model.parameters()):
        nn.MSELoss()(outputs[0], y).backward()
    run = defib.export(tmp_path / "run", model, x, y, loss=losses, mode="eval")
    for replay in (defib.replay(run), defib.replay(model, x, y, loss=losses, mode="eval")):
        for found, tensor in zip(replay.outputs.values(), outputs, strict=True):
            near(found, tensor.detach().numpy(), name)
        for parameter, tensor in model.named_parameters():
            near(replay.gradients[parameter], tensor.grad.numpy(), parameter, 1e-2)


def test_layouts_do_not_matter():
    torch.manual_seed(2)
    x, w, b = torch.randn(50, 6), torch.randn(6, 4), torch.randn(4)
    y = torch.randn(50, 4)
    model = nn.Linear(6, 4)
    with torch.no_grad():
        model.weight.copy_(w.T)
        model.bias.copy_(b)
    output, _, gradients = expect(model, x, y, nn.MSELoss())
    plain = x.numpy(), w.numpy(), b.numpy()
    wide = np.zeros((100, 12), np.float32)
    wide[::2, ::2] = plain[0]
    for kx, kw, kb in [
        plain,
        [array.astype(np.float64) for array in plain],
        [array.astype(">f8") for array in plain],
        [np.asfortranarray(array) for array in plain],
        (wide[::2, ::2], plain[1], plain[2]),
        (plain[0][::-1].copy()[::-1], plain[1], plain[2]),
    ]:
        replay = defib.replay(defib.Sequential(defib.Dense(kw, kb)), kx, y.numpy(), loss="mse")
        near(replay.outputs["dense1"], output, "output")
        near(replay.gradients["dense1.weight"], gradients["weight"].T, "weight")
        near(replay.gradients["dense1.bias"], gradients["bias"], "bias")


def test_several_losses_add_up():
    torch.manual_seed(3)
    model, x = models.make("two")
    y = torch.randn(13, 4)
    result = model(*x)
    total = 2 * nn.MSELoss()(result["sum"], y) + 0.5 * nn.L1Loss()(result["prob"], y)
    total.backward()
    losses = {"sum": {"kind": "mse", "weight": 2.0}, "prob": {"kind": "l1", "weight": 0.5}}
    replay = defib.replay(model, x, [y, y], loss=losses)
    assert len(replay.losses) == 2
    assert replay.loss == pytest.approx(total.item(), rel=1e-5)
    near(replay.gradients["a.weight"], model.a.weight.grad.numpy(), "a.weight")


def test_initial_weights_replay():
    torch.manual_seed(4)
    model, before = nn.Linear(3, 2), nn.Linear(3, 2)
    x, y = torch.randn(9, 3), torch.randn(9, 2)
    replay = defib.replay(model, x, y, loss="mse", initial=before)
    compare(replay, expect(before, x, y, nn.MSELoss()))


def test_results_outlive_the_engine_and_do_not_depend_on_workers():
    model, x, width = network(5)
    y = torch.randn(len(x), width)
    first, second = (defib.replay(model, x, y, loss="mse", batch_size=3, workers=n) for n in (1, 3))
    for name, gradient in first.gradients.items():
        assert gradient.flags.owndata
        np.testing.assert_array_equal(gradient, second.gradients[name])


def test_check_is_the_same_from_disk_and_memory(tmp_path):
    model, x, width = network(6)
    y = torch.randn(len(x), width)
    run = defib.export(tmp_path / "run", model, x, y, loss="mse")
    assert defib.check(run).to_json() == defib.check(model, x, y, loss="mse").to_json()
