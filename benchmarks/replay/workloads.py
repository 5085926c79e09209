"""What is measured: networks, batches, and the ratios that the project aims at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

import defib

from . import networks


@dataclass(frozen=True)
class Prepared:
    """The model and the data of a workload, in memory and as runs on disk."""

    model: nn.Module
    criterion: nn.Module
    batches: list[tuple[torch.Tensor, torch.Tensor]]
    run: defib.Run
    single: defib.Run
    """The same with its first batch alone: what a call costs beside the replay."""


@dataclass(frozen=True)
class Workload:
    """A network, the size of its batches, and how many of them."""

    name: str
    title: str
    build: Callable[[], nn.Module]
    sample: tuple[int, ...]
    batch: int
    batches: int
    """Enough for what a call costs once to be a small part of it."""
    classes: int = 10
    """0: the target is one number, and the loss the mean squared error."""
    targets: Mapping[str, float] = field(default_factory=dict)
    """Other side -> the largest ratio of Defib's time to its, with one thread each."""
    is_large: bool = False
    """Whether it takes seconds per batch: tests leave it out."""
    speedup: float | None = None
    """How much faster two workers should be than one."""

    def prepare(self, folder: Path, batches: int | None = None) -> Prepared:
        """Draw weights and data, the same ones each time, and export them into `folder`."""
        torch.manual_seed(0)
        model = self.build()
        rows = self.batch * (batches or self.batches)
        x = torch.randn(rows, *self.sample)
        criterion: nn.Module
        if self.classes:
            y, criterion = torch.randint(0, self.classes, (rows,)), nn.CrossEntropyLoss()
        else:
            y, criterion = torch.randn(rows, 1), nn.MSELoss()

        def exported(name: str, rows: int) -> defib.Run:
            return defib.export(
                folder / name,
                model,
                x[:rows],
                y[:rows],
                loss=criterion,
                optimizer={"kind": "sgd", "learning_rate": 0.01},
                batch_size=self.batch,
            )

        cuts = [slice(start, start + self.batch) for start in range(0, rows, self.batch)]
        pairs = [(x[cut], y[cut]) for cut in cuts]
        return Prepared(
            model, criterion, pairs, exported("run", rows), exported("single", self.batch)
        )


def _mlp(*widths: int) -> Callable[[], nn.Module]:
    return lambda: networks.perceptron(*widths)


#: In the order of the tables.
WORKLOADS = (
    Workload(
        "mlp-512", "MLP 784-512-512-512-10", _mlp(784, 512, 512, 512, 10), (784,), 256, 192,
        targets={"plain": 1.00, "products": 1.25, "limit": 1.10}, speedup=1.85,
    ),
    Workload(
        "mlp-1024", "MLP 1024-1024-1024-1024-1024-1", _mlp(1024, 1024, 1024, 1024, 1024, 1),
        (1024,), 1024, 32, classes=0,
        targets={"plain": 1.00, "products": 1.15, "limit": 1.10}, speedup=1.85,
    ),
    Workload(
        "mlp-64", "MLP 10-64-64-1", _mlp(10, 64, 64, 1), (10,), 32, 2048, classes=0,
        targets={"plain": 0.35, "hooks": 0.08},
    ),
    Workload(
        "cnn", "CNN 3x32x32: conv 32, conv 64, pool, conv 64, dense 10",
        networks.convolutional, (3, 32, 32), 64, 48,
        targets={"plain": 1.00, "limit": 1.15}, speedup=1.85,
    ),
    Workload(
        "lstm", "LSTM 64 to 128, 50 steps", networks.Recurrent, (50, 64), 32, 192,
        targets={"plain": 1.00, "limit": 1.25}, speedup=1.85,
    ),
    Workload(
        "transformer", "transformer encoder block, d = 256, 8 heads, 128 tokens",
        networks.Encoder, (128, 256), 16, 32,
        targets={"plain": 1.00, "limit": 1.25}, speedup=1.85,
    ),
    Workload(
        "resnet-18", "ResNet-18, 3x224x224", networks.resnet18, (3, 224, 224), 8, 8,
        targets={"plain": 1.00, "limit": 1.30}, speedup=1.85, is_large=True,
    ),
    Workload(
        "gpt", "GPT of 10.8 million parameters, 256 tokens", networks.GPT, (256, 65), 4, 12,
        classes=65, targets={"plain": 1.00, "limit": 1.30}, speedup=1.85, is_large=True,
    ),
)  # fmt: skip
