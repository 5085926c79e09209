"""The engine's outputs, losses and gradients of whole torch networks. Needs the library."""

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import torch_cases  # noqa: E402
import torch_compare  # noqa: E402
import torch_networks  # noqa: E402
from torch import nn  # noqa: E402

import defib  # noqa: E402

pytestmark = pytest.mark.engine

#: Relative, by the norm of the whole array.
LIMIT = 1e-4


def expected(model, inputs, targets, mode):
    """Outputs, loss and gradients of torch in float64, without dropout."""
    twin = copy.deepcopy(model).double().train(mode == "train")
    for module in twin.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.p = 0.0
        if isinstance(module, (nn.RNNBase, nn.MultiheadAttention)):
            module.dropout = 0.0
    torch.set_default_dtype(torch.float64)
    try:
        held = [x.double() if x.is_floating_point() else x for x in inputs]
        outputs = torch_compare.leaves(twin(*held))
    finally:
        torch.set_default_dtype(torch.float32)
    pairs = zip(outputs, targets, strict=True)
    loss = sum(nn.functional.mse_loss(o, y.double()) for o, y in pairs)
    if loss.requires_grad:
        loss.backward()
    gradients = {
        name: torch.zeros_like(p) if p.grad is None else p.grad
        for name, p in twin.named_parameters()
    }
    return outputs, loss.item(), gradients


def near(found, wanted, what):
    wanted = wanted.detach().numpy()
    assert found.shape == wanted.shape, what
    distance = np.linalg.norm((found - wanted).ravel())
    size = np.linalg.norm(wanted.ravel())
    assert distance <= LIMIT * max(size, 1e-7), f"{what}: {distance:.2e} of {size:.2e}"


def check(case, mode, workers=1):
    model, inputs = torch_compare.make(case)
    model.train()
    with torch.no_grad():
        shapes = [o.shape for o in torch_compare.leaves(copy.deepcopy(model)(*inputs))]
    targets = [torch.randn(shape) for shape in shapes]
    outputs, loss, gradients = expected(model, inputs, targets, mode)
    replay = defib.replay(
        model, inputs if len(inputs) > 1 else inputs[0],
        targets if len(targets) > 1 else targets[0],
        loss=[nn.MSELoss()] * len(targets), mode=mode, workers=workers,
    )  # fmt: skip
    for found, wanted in zip(replay.outputs.values(), outputs, strict=True):
        near(found, wanted, "output")
    assert replay.loss == pytest.approx(loss, rel=LIMIT)
    assert replay.gradients.keys() == gradients.keys()
    largest = max((g.norm().item() for g in gradients.values()), default=0)
    for name, gradient in gradients.items():
        # A bias before a batch norm has no gradient but what rounding leaves.
        if gradient.norm() < 1e-9 * largest:
            assert np.linalg.norm(replay.gradients[name]) < LIMIT * largest, name
        else:
            near(replay.gradients[name], gradient, name)


#: name -> (criterion by reduction, what goes before it, targets by (rows, width))
LOSSES = {
    "poisson": (lambda r: nn.PoissonNLLLoss(reduction=r), None, torch.rand),
    "poisson rates": (
        lambda r: nn.PoissonNLLLoss(log_input=False, full=True, reduction=r), nn.Softplus(),
        lambda n, k: torch.randint(5, (n, k)).float(),
    ),
    "kl-div": (
        lambda r: nn.KLDivLoss(reduction=r), nn.LogSoftmax(1),
        lambda n, k: torch.rand(n, k).softmax(1),
    ),
    "kl-div by rows": (
        lambda r: nn.KLDivLoss(reduction="batchmean" if r == "mean" else r, log_target=True),
        nn.LogSoftmax(1), lambda n, k: torch.rand(n, k).log_softmax(1),
    ),
    "positive weights": (
        lambda r: nn.BCEWithLogitsLoss(pos_weight=torch.tensor([0.5, 1, 3, 2]), reduction=r), None,
        lambda n, k: torch.randint(2, (n, k)).float(),
    ),
    "images of classes": (
        lambda r: nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0]), reduction=r),
        nn.Unflatten(1, (2, 2)), lambda n, _: torch.randint(2, (n, 2)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("name", LOSSES)
def test_loss(name, reduction):
    make, last, targets = LOSSES[name]
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 4), last or nn.Identity())
    x, y, criterion = torch.randn(12, 3), targets(12, 4), make(reduction)
    loss = criterion(model(x), y)
    loss.backward()
    replay = defib.replay(model, x, y, loss=criterion)
    assert replay.loss == pytest.approx(loss.item(), rel=LIMIT)
    for parameter, tensor in model.named_parameters():
        near(replay.gradients[parameter], tensor.grad.double(), parameter)


@pytest.mark.parametrize("full", [False, True])
def test_gaussian_loss(full):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.mean, self.spread = nn.Linear(3, 2), nn.Linear(3, 2)

        def forward(self, x):
            return self.mean(x), torch.exp(self.spread(x))

    torch.manual_seed(2)
    model, x, y, criterion = Net(), torch.randn(12, 3), torch.randn(12, 2), nn.GaussianNLLLoss()
    criterion.full = full
    mean, variance = model(x)
    loss = criterion(mean, y, variance)
    loss.backward()
    replay = defib.replay(model, x, y, loss=criterion)
    assert replay.loss == pytest.approx(loss.item(), rel=LIMIT)
    for parameter, tensor in model.named_parameters():
        near(replay.gradients[parameter], tensor.grad.double(), parameter)


def test_sample_weights():
    torch.manual_seed(3)
    model, x, y = nn.Linear(3, 2), torch.randn(12, 3), torch.randn(12, 2)
    weights = torch.rand(12)
    loss = (weights[:, None] * (model(x) - y) ** 2).mean()
    loss.backward()
    replay = defib.replay(model, x, y, loss={"kind": "mse", "sample_weight": weights})
    assert replay.loss == pytest.approx(loss.item(), rel=LIMIT)
    near(replay.gradients["weight"], model.weight.grad.double(), "weight")


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("name", torch_networks.NETWORKS)
def test_network(name, mode):
    check(torch_networks.NETWORKS[name], mode, workers=2)


#: One number for all samples is no prediction.
NO_ROWS = {"total"}
CASES = [name for name in torch_cases.CASES if name not in NO_ROWS]


@pytest.mark.parametrize("name", CASES)
def test_operator(name):
    check(torch_cases.CASES[name], "train")
