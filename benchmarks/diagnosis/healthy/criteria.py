"""Sound models under the losses that need care: weights, soft targets, log-probabilities."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from sklearn import datasets
from torch import nn

from .fitting import Recipe, Tensor, accuracy, balanced, explained, fit, same_class


def _digits() -> tuple[Tensor, Tensor]:
    x, y = datasets.load_digits(return_X_y=True)
    return torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)


def _clouds(counts: list[int]) -> tuple[Tensor, Tensor]:
    """Return clouds of points, one per class, of various sizes, in a drawn order."""
    draw = torch.Generator().manual_seed(0)
    y = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    y = y[torch.randperm(len(y), generator=draw)]
    centres = 1.6 * torch.randn((len(counts), 5), generator=draw)
    return centres[y] + torch.randn((len(y), 5), generator=draw), y


def _answers() -> tuple[Tensor, Tensor]:
    """Return inputs, and the distributions over four classes that another network gives them."""
    x = torch.randn((1200, 12), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        scores = _mlp(12, 16, 4)(x)
        scores = (scores - scores.mean(0)) / scores.std(0)
    return x, torch.softmax(2 * scores, 1)


def _mlp(inputs: int, width: int, outputs: int, *last: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, outputs), *last)


def nll(run: Path) -> None:
    """LogSoftmax and NLLLoss."""
    torch.manual_seed(0)
    model = _mlp(64, 32, 10, nn.LogSoftmax(dim=1))
    fit(run, model, *_digits(), nn.NLLLoss(), accuracy, Recipe(epochs=10, least=0.85, rate=0.003))


def nll_sure(run: Path) -> None:
    """The same on classes far apart, until the loss is next to nothing."""
    torch.manual_seed(0)
    x, y = _clouds([150, 150, 150])
    x = x + 6 * nn.functional.one_hot(y, 5)
    model = _mlp(5, 16, 3, nn.LogSoftmax(dim=1))
    fit(run, model, x, y, nn.NLLLoss(), accuracy, Recipe(epochs=40, least=0.98, rate=0.01))


def nll_weighted(run: Path) -> None:
    """NLLLoss with class weights, some samples without a class."""
    torch.manual_seed(0)
    x, y = _clouds([600, 200, 100])
    y[::25] = -100
    weight = torch.tensor([0.5, 1.5, 3.0])
    model = _mlp(5, 24, 3, nn.LogSoftmax(dim=1))
    criterion = nn.NLLLoss(weight=weight, ignore_index=-100)
    fit(run, model, x, y, criterion, accuracy, Recipe(epochs=20, least=0.85))


def soft_cross_entropy(run: Path) -> None:
    """Cross-entropy against distributions."""
    torch.manual_seed(0)
    x, y = _answers()
    fit(run, _mlp(12, 32, 4), x, y, nn.CrossEntropyLoss(), same_class, Recipe(25, least=0.8))


def kl_soft(run: Path) -> None:
    """KLDivLoss against the soft answers of another model."""
    torch.manual_seed(0)
    x, y = _answers()
    model = _mlp(12, 32, 4, nn.LogSoftmax(dim=1))
    fit(run, model, x, y, nn.KLDivLoss(reduction="batchmean"), same_class, Recipe(25, least=0.8))


def smoothed(run: Path) -> None:
    """Cross-entropy with smoothed labels and class weights."""
    torch.manual_seed(0)
    x, y = _clouds([500, 250, 120])
    weight = torch.tensor([0.6, 1.2, 2.4])
    criterion = nn.CrossEntropyLoss(weight=weight, label_smoothing=0.1)
    fit(run, _mlp(5, 24, 3), x, y, criterion, accuracy, Recipe(epochs=20, least=0.85))


def smoothed_digits(run: Path) -> None:
    """Digits with smoothed labels."""
    torch.manual_seed(0)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    fit(run, _mlp(64, 32, 10), *_digits(), criterion, accuracy, Recipe(10, least=0.85, rate=0.003))


def positive_weight(run: Path) -> None:
    """A rare event, weighted."""
    torch.manual_seed(0)
    x, y = _clouds([900, 100])
    criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([9.0]))
    recipe = Recipe(epochs=20, least=0.85)
    fit(run, _mlp(5, 24, 1), x, y.float().unsqueeze(1), criterion, balanced, recipe)


def _plane(seed: int) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn((600, 6), generator=draw)
    return x, torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] / 2 + x[:, 3]


def squeezed(run: Path) -> None:
    """Targets without a column; the loop squeezes the outputs."""
    torch.manual_seed(0)
    recipe = Recipe(epochs=50, least=0.85, squeezed=True)
    fit(run, _mlp(6, 48, 1), *_plane(0), nn.MSELoss(), explained, recipe)


def squeezed_event(run: Path) -> None:
    """The same with an event and logits."""
    torch.manual_seed(0)
    x, y = _plane(1)
    recipe = Recipe(epochs=30, least=0.8, squeezed=True)

    def score(outputs: Tensor, targets: Tensor) -> float:
        return balanced(outputs.squeeze(1), targets)

    fit(run, _mlp(6, 48, 1), x, (y > 0).float(), nn.BCEWithLogitsLoss(), score, recipe)


def frozen_backbone(run: Path) -> None:
    """A head on a convolutional network that was trained before and stays as it is."""
    torch.manual_seed(0)
    x, y = _digits()
    images = x.view(-1, 1, 8, 8)
    backbone = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    )  # fmt: skip
    before = nn.Sequential(backbone, nn.Linear(64, 5))
    optimizer = torch.optim.Adam(before.parameters(), lr=0.005)
    for _ in range(4):
        for rows in torch.split(torch.randperm(len(x)), 64):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(before(images[rows]), y[rows] // 2)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    backbone.requires_grad_(False)
    model = nn.Sequential(backbone, nn.Linear(64, 10))
    fit(run, model, images, y, nn.CrossEntropyLoss(), accuracy, Recipe(15, least=0.85))


def best_epoch(run: Path) -> None:
    """Trained too long, and the weights of the best epoch restored."""
    torch.manual_seed(0)
    draw = torch.Generator().manual_seed(0)
    x, y = _plane(2)
    y = y + 0.3 * torch.randn(len(y), generator=draw)
    recipe = Recipe(epochs=60, least=0.75, best=True)
    fit(run, _mlp(6, 64, 1), x, y.unsqueeze(1), nn.MSELoss(), explained, recipe)


MODELS: dict[str, Callable[[Path], None]] = {
    f.__name__.replace("_", "-"): f
    for f in (
        nll, nll_sure, nll_weighted, soft_cross_entropy, kl_soft, smoothed, smoothed_digits,
        positive_weight, squeezed, squeezed_event, frozen_backbone, best_epoch,
    )
}  # fmt: skip
