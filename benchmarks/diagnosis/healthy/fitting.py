"""How the later networks are trained: rows kept aside, a score on them, the best epoch if asked."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

import defib

Tensor = torch.Tensor
Score = Callable[[Any, Tensor], float]
Criterion = Callable[[Any, Tensor], Tensor]


class NotLearned(Exception):  # noqa: N818
    """A model that is meant to be sound did not learn."""


@dataclass(frozen=True)
class Recipe:
    """How a model is trained, and what it must reach on the rows kept aside."""

    epochs: int
    least: float
    """The score below which the model would not be sound."""
    rate: float = 0.005
    size: int = 32
    decay: float = 0.0
    best: bool = False
    """Whether the weights of the epoch with the best validation loss are restored."""
    squeezed: bool = False
    """Whether the loop takes `model(x).squeeze(1)`."""
    options: dict[str, Any] = field(default_factory=dict)
    """Further arguments of `defib.export`."""


def accuracy(outputs: Tensor, targets: Tensor) -> float:
    """Return the share of right classes, along axis 1; targets below 0 do not count."""
    counted = targets >= 0
    return (outputs.argmax(1) == targets)[counted].float().mean().item()


def balanced(outputs: Tensor, targets: Tensor) -> float:
    """Return the mean of the recalls of both events, for logits."""
    said = outputs > 0
    recalls = [(said == truth)[targets == truth].float().mean() for truth in (0, 1)]
    return (sum(recalls) / 2).item()  # type: ignore[union-attr]


def overlap(outputs: Tensor, targets: Tensor) -> float:
    """Return intersection over union of the foreground, for logits."""
    said, truth = outputs > 0, targets > 0.5
    return ((said & truth).sum() / (said | truth).sum()).item()


def explained(outputs: Tensor, targets: Tensor) -> float:
    """Return the explained share of the variance."""
    left = ((outputs.reshape(targets.shape) - targets) ** 2).mean()
    return (1 - left / targets.var(correction=0)).item()


def same_class(outputs: Tensor, targets: Tensor) -> float:
    """Return how often the largest of both distributions is the same."""
    return (outputs.argmax(1) == targets.argmax(1)).float().mean().item()


def fit(
    run: Path, model: nn.Module, x: Tensor | Sequence[Tensor], y: Tensor, criterion: Criterion,
    score: Score, recipe: Recipe,
) -> None:  # fmt: skip
    """Train `model` with Adam on four fifths of the rows and export the run.

    Args:
        run: The folder to write.
        model: Called with the inputs in order.
        x: One or several inputs, one row per sample.
        y: Targets, one row per sample.
        criterion: Called with outputs and targets.
        score: Of outputs and targets of the rows kept aside; larger is better.
        recipe: The training.

    Raises:
        NotLearned: the score is below `recipe.least`.
    """
    inputs = [x] if isinstance(x, Tensor) else list(x)
    cut = len(y) * 4 // 5
    held, aside = [part[cut:] for part in inputs], y[cut:]
    inputs, y = [part[:cut] for part in inputs], y[:cut]
    initial = copy.deepcopy(model.state_dict())
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=recipe.rate, weight_decay=recipe.decay)

    def loss(rows: list[Tensor], targets: Tensor) -> Tensor:
        outputs = model(*rows)
        value: Tensor = criterion(outputs.squeeze(1) if recipe.squeezed else outputs, targets)
        return value

    torch.manual_seed(0)
    history, kept = [], (float("inf"), initial)
    for _ in range(recipe.epochs):
        model.train()
        total = 0.0
        for rows in torch.split(torch.randperm(cut), recipe.size):
            optimizer.zero_grad()
            value = loss([part[rows] for part in inputs], y[rows])
            value.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += value.item() * len(rows)
        history.append(total / cut)
        if recipe.best:
            model.eval()
            with torch.no_grad():
                now = loss(held, aside).item()
            if now < kept[0]:
                kept = (now, copy.deepcopy(model.state_dict()))
    if recipe.best:
        model.load_state_dict(kept[1])
    model.eval()
    with torch.no_grad():
        reached = score(model(*held), aside)
    if not reached >= recipe.least:
        raise NotLearned(f"{run.name} reaches {reached:.3f}; expected {recipe.least} or more")
    model.train()
    defib.export(
        run,
        model,
        [part.numpy() for part in inputs] if len(inputs) > 1 else inputs[0].numpy(),
        y.numpy(),
        loss=criterion,
        optimizer=optimizer,
        batch_size=recipe.size,
        epochs=recipe.epochs,
        history=history,
        initial=initial,
        validation=(
            [part.numpy() for part in held] if len(held) > 1 else held[0].numpy(), aside.numpy(),
        ),
        shuffle=True,
        **recipe.options,
    )  # fmt: skip
