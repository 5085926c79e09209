"""Sound models that mark pixels: a small U-Net under three losses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from .fitting import Recipe, Tensor, accuracy, fit, overlap

SIDE = 16


def discs(rows: int, radius: float, kinds: int = 1) -> tuple[Tensor, Tensor]:
    """Return images of bright discs in noise, and of what kind each pixel is, 0 outside.

    Discs of the second kind are dark.
    """
    draw = torch.Generator().manual_seed(0)
    axis = torch.arange(SIDE).float()
    centre = torch.rand((rows, 2), generator=draw) * (SIDE - 6) + 3
    size = radius * (0.8 + 0.4 * torch.rand(rows, generator=draw))
    far = (axis[:, None] - centre[:, 0, None, None]) ** 2
    far = far + (axis[None, :] - centre[:, 1, None, None]) ** 2
    kind = torch.randint(1, kinds + 1, (rows, 1, 1), generator=draw)
    marked = (far < size[:, None, None] ** 2) * kind
    light = (marked == 1).float() - (marked == 2).float()
    images = light + 0.3 * torch.randn((rows, SIDE, SIDE), generator=draw)
    return images.unsqueeze(1), marked


class UNet(nn.Module):
    """One step down and up, with a skip."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.down = nn.MaxPool2d(2)
        self.inner = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.last = nn.Sequential(nn.Conv2d(16, 8, 3, padding=1), nn.ReLU())
        self.head = nn.Conv2d(8, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, 1, SIDE, SIDE) to (n, outputs, SIDE, SIDE)."""
        skip = self.first(x)
        x = self.up(self.inner(self.down(skip)))
        out: Tensor = self.head(self.last(torch.cat([skip, x], 1)))
        return out


def unet_event(run: Path) -> None:
    """Foreground or not, under binary cross-entropy."""
    torch.manual_seed(0)
    x, y = discs(240, 4.0)
    y = y.unsqueeze(1).float()
    recipe = Recipe(epochs=10, least=0.75, size=16)
    fit(run, UNet(1), x, y, nn.BCEWithLogitsLoss(), overlap, recipe)


def unet_rare(run: Path) -> None:
    """The same with few pixels of foreground, weighted."""
    torch.manual_seed(0)
    x, y = discs(240, 1.7)
    y = y.unsqueeze(1).float()
    criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([4.0]))
    recipe = Recipe(epochs=14, least=0.5, size=16)
    fit(run, UNet(1), x, y, criterion, overlap, recipe)


def unet_classes(run: Path) -> None:
    """Bright, dark or neither, under cross-entropy."""
    torch.manual_seed(0)
    recipe = Recipe(epochs=10, least=0.93, size=16)
    fit(run, UNet(3), *discs(240, 4.0, 2), nn.CrossEntropyLoss(), accuracy, recipe)


MODELS: dict[str, Callable[[Path], None]] = {
    f.__name__.replace("_", "-"): f for f in (unet_event, unet_rare, unet_classes)
}
