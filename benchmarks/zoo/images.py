"""Batches of pictures for models that classify or segment them."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .subject import Trial

CLASSES = 5


def classified(model: nn.Module, side: int | tuple[int, ...], rows: int = 3, **kind: Any) -> Trial:
    """Return a batch of `rows` pictures, each of a class."""
    y = torch.randint(0, CLASSES, (rows,))
    return Trial(model, pictures(side, rows, **kind), y, nn.CrossEntropyLoss())


def segmented(
    model: nn.Module, side: int | tuple[int, ...], rows: int = 2, classes: int = 3, **kind: Any
) -> Trial:
    """Return a batch of `rows` pictures, each pixel of a class."""
    x = pictures(side, rows, **kind)
    return Trial(model, x, torch.randint(0, classes, (rows, *x.shape[2:])), nn.CrossEntropyLoss())


def pictures(side: int | tuple[int, ...], rows: int, channels: int = 3) -> torch.Tensor:
    """Return noise as pictures (rows, channels, side, side)."""
    sides = (side, side) if isinstance(side, int) else side
    return torch.randn(rows, channels, *sides)
