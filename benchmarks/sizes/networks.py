"""NAME: checks a network that many people train first, and prints what that took as JSON.

Each comes from random data and no training, with a rate that is far too low, so that all is tried.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

import defib

from ..replay.networks import GPT, perceptron, resnet18
from .measure import Meter


def quickstart() -> nn.Module:
    """Return the perceptron of PyTorch's quickstart: 670 thousand parameters."""
    return nn.Sequential(nn.Flatten(), *perceptron(784, 512, 512, 10))


def mnist() -> nn.Module:
    """Return the network of PyTorch's MNIST example: 1.2 million parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, 10),
    )  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A network with as many rows as its measurement takes, and the size of its batches."""

    build: Callable[[], nn.Module]
    sample: tuple[int, ...]
    rows: int
    batch: int = 64
    classes: int = 10


CASES = {
    "PyTorch's quickstart": Case(quickstart, (1, 28, 28), 4000),
    "PyTorch's MNIST example": Case(mnist, (1, 28, 28), 2000),
    "GPT of 0.1 million": Case(lambda: GPT(2, 64, 4), (64, 65), 512, 32, 65),
    "ResNet-18 on 32 by 32": Case(resnet18, (3, 32, 32), 512),
    "GPT of 10.8 million": Case(GPT, (128, 65), 64, 16, 65),
    "ResNet-18 on 224 by 224": Case(resnet18, (3, 224, 224), 48, 16),
    "GPT of 85 million": Case(lambda: GPT(12, 768, 12), (128, 65), 32, 8, 65),
}


def measured(name: str) -> dict[str, object]:
    """Check a network."""
    case = CASES[name]
    torch.manual_seed(0)
    model = case.build()
    x, y = torch.randn(case.rows, *case.sample), torch.randint(0, case.classes, (case.rows,))
    optimizer = torch.optim.Adam(model.parameters(), 1e-6)
    with Meter() as meter, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = defib.check(
            model, x, y, loss=nn.CrossEntropyLoss(), optimizer=optimizer, batch_size=case.batch,
            epochs=5,
        )  # fmt: skip
    reasons = report.not_checked.items()
    return {
        "network": name,
        "parameters": sum(p.numel() for p in model.parameters()),
        "rows": case.rows,
        "seconds": meter.seconds,
        "megabytes": meter.megabytes,
        "left_out": sorted(rule for rule, reason in reasons if "too large" in reason),
    }


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1])))
