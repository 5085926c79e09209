"""Sound models under losses of their own, with auxiliary heads, and with noise in forward."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from .criteria import _clouds, _digits, _mlp, _plane
from .fitting import Recipe, Tensor, accuracy, balanced, explained, fit, overlap
from .segmentation import UNet, discs


def focal_event(run: Path) -> None:
    """Focal loss of a rare event (Lin et al. 2017), as a function of logits."""
    torch.manual_seed(0)
    x, y = _clouds([900, 100])

    def focal(scores: Tensor, target: Tensor) -> Tensor:
        plain = F.binary_cross_entropy_with_logits(scores, target, reduction="none")
        weight = torch.where(target == 1, 0.75, 0.25)
        return (weight * (1 - torch.exp(-plain)) ** 2 * plain).mean()

    recipe = Recipe(epochs=30, least=0.8)
    fit(run, _mlp(5, 24, 1), x, y.float().unsqueeze(1), focal, balanced, recipe)


def focal_classes(run: Path) -> None:
    """Focal loss of several classes, as a module."""
    torch.manual_seed(0)

    class Focal(nn.Module):
        def forward(self, scores: Tensor, target: Tensor) -> Tensor:
            plain = F.cross_entropy(scores, target, reduction="none")
            return ((1 - torch.exp(-plain)) ** 2 * plain).mean()

    fit(run, _mlp(64, 32, 10), *_digits(), Focal(), accuracy, Recipe(12, least=0.85, rate=0.003))


def dice(scores: Tensor, target: Tensor) -> Tensor:
    """One minus the soft overlap of all pixels of a batch (Milletari et al. 2016)."""
    share = torch.sigmoid(scores)
    return 1 - (2 * (share * target).sum() + 1) / (share.sum() + target.sum() + 1)


def dice_alone(run: Path) -> None:
    """A U-Net under the dice loss."""
    torch.manual_seed(0)
    x, y = discs(240, 4.0)
    fit(run, UNet(1), x, y.unsqueeze(1).float(), dice, overlap, Recipe(12, least=0.75, size=16))


def dice_and_entropy(run: Path) -> None:
    """The same, added to binary cross-entropy."""
    torch.manual_seed(0)
    x, y = discs(240, 3.0)

    def both(scores: Tensor, target: Tensor) -> Tensor:
        return dice(scores, target) + F.binary_cross_entropy_with_logits(scores, target)

    fit(run, UNet(1), x, y.unsqueeze(1).float(), both, overlap, Recipe(12, least=0.7, size=16))


def root_of_squares(run: Path) -> None:
    """The root of the mean square."""
    torch.manual_seed(0)
    x, y = _plane(3)

    def rmse(given: Tensor, target: Tensor) -> Tensor:
        return torch.sqrt(F.mse_loss(given, target) + 1e-8)

    fit(run, _mlp(6, 48, 1), x, y.unsqueeze(1), rmse, explained, Recipe(50, least=0.85))


def quantiles(run: Path) -> None:
    """Three quantiles at once, under the pinball loss."""
    torch.manual_seed(0)
    x, y = _plane(4)
    levels = torch.tensor([0.1, 0.5, 0.9])

    def pinball(given: Tensor, target: Tensor) -> Tensor:
        left = target - given
        return torch.maximum(levels * left, (levels - 1) * left).mean()

    def middle(given: Tensor, target: Tensor) -> float:
        return explained(given[:, 1:2], target)

    fit(run, _mlp(6, 48, 3), x, y.unsqueeze(1), pinball, middle, Recipe(60, least=0.8))


def mean_and_spread(run: Path) -> None:
    """A mean and the logarithm of a variance, under the likelihood of a normal distribution."""
    torch.manual_seed(0)
    x, y = _plane(5)

    def likelihood(given: Tensor, target: Tensor) -> Tensor:
        mean, spread = given.chunk(2, 1)
        return (0.5 * (spread + (target - mean) ** 2 * torch.exp(-spread))).mean()

    def of_means(given: Tensor, target: Tensor) -> float:
        return explained(given[:, :1], target)

    fit(run, _mlp(6, 48, 2), x, y.unsqueeze(1), likelihood, of_means, Recipe(60, least=0.8))


class Aided(nn.Module):
    """A perceptron with a second head at its first layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(64, 48), nn.Linear(48, 32)
        self.head, self.aside = nn.Linear(32, 10), nn.Linear(48, 10)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map (n, 64) to two lots of scores (n, 10)."""
        h = torch.relu(self.first(x))
        return self.head(torch.relu(self.second(h))), self.aside(h)


def auxiliary_head(run: Path) -> None:
    """An auxiliary head with a share of the loss, as of Inception."""
    torch.manual_seed(0)

    def shared(given: Any, target: Tensor) -> Tensor:
        return F.cross_entropy(given[0], target) + 0.4 * F.cross_entropy(given[1], target)

    def of_main(given: Any, target: Tensor) -> float:
        return accuracy(given[0], target)

    fit(run, Aided(), *_digits(), shared, of_main, Recipe(25, least=0.85, rate=0.001))


class Noisy(nn.Module):
    """A variational autoencoder of eight numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.code = nn.Linear(64, 48), nn.Linear(48, 16)
        self.outer, self.out = nn.Linear(8, 48), nn.Linear(48, 64)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map (n, 64) to its likeness (n, 64), and a mean and a logarithm of variance (n, 8)."""
        mean, spread = self.code(torch.relu(self.inner(x))).chunk(2, 1)
        drawn = mean + torch.exp(0.5 * spread) * torch.randn_like(spread)
        return self.out(torch.relu(self.outer(drawn))), mean, spread


def variational(run: Path) -> None:
    """A variational autoencoder under its bound (Kingma and Welling 2013)."""
    torch.manual_seed(0)
    x, _ = _digits()

    def bound(given: Any, target: Tensor) -> Tensor:
        likeness, mean, spread = given
        apart = -0.5 * (1 + spread - mean**2 - torch.exp(spread)).sum(1).mean()
        total: Tensor = ((likeness - target) ** 2).sum(1).mean() + 0.05 * apart
        return total

    def of_likeness(given: Any, target: Tensor) -> float:
        return explained(given[0], target)

    fit(run, Noisy(), x, x, bound, of_likeness, Recipe(40, least=0.55, rate=0.001))


MODELS: dict[str, Callable[[Path], None]] = {
    f"own-{f.__name__.replace('_', '-')}": f
    for f in (
        focal_event, focal_classes, dice_alone, dice_and_entropy, root_of_squares, quantiles,
        mean_and_spread, auxiliary_head, variational,
    )
}  # fmt: skip
