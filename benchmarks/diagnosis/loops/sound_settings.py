"""Sound loops in PyTorch with schedules, groups, frozen parts and several optimizers."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.optim import lr_scheduler as schedules

from .rates import Schedule
from .script import Script


def each_epoch(s: Script, *, schedule: Schedule, told: bool) -> None:
    """A schedule that counts epochs is stepped once an epoch."""
    scheduler = schedule(s.optimizer)
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
        scheduler.step()
    if told:
        s.given["scheduler"] = scheduler


def each_batch(s: Script, *, kind: str, told: bool) -> None:
    """A schedule that counts updates: "warm-up", "cosine" behind a warm-up, or "one-cycle"."""
    total = s.setup.epochs * s.updates

    def rate(update: int) -> float:
        rising = min(1.0, (update + 1) / (0.1 * total))
        falling = 0.5 * (1 + math.cos(math.pi * min(1.0, update / total)))
        return rising * (falling if kind == "cosine" else 1.0)

    scheduler: Any = (
        schedules.OneCycleLR(s.optimizer, 2 * s.setup.rate, total_steps=total)
        if kind == "one-cycle"
        else schedules.LambdaLR(s.optimizer, rate)
    )
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
            scheduler.step()
    if told:
        s.given["scheduler"] = scheduler


def plateau(s: Script, *, told: bool) -> None:
    """ReduceLROnPlateau of the loss on the rows aside."""
    scheduler = schedules.ReduceLROnPlateau(s.optimizer, factor=0.3, patience=3)
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
        scheduler.step(s.aside())
    if told:
        s.given["scheduler"] = scheduler


def by_hand(s: Script, *, factor: float) -> None:
    """The script lowers the rate of the groups itself, a little after each epoch."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
        for group in s.optimizer.param_groups:
            group["lr"] *= factor


def decay_in_groups(s: Script) -> None:
    """Weight decay for matrices, none for biases and norms."""
    wide = [p for p in s.model.parameters() if p.ndim > 1]
    flat = [p for p in s.model.parameters() if p.ndim < 2]
    s.optimizer = torch.optim.AdamW(
        [{"params": wide, "weight_decay": 0.01}, {"params": flat, "weight_decay": 0.0}],
        lr=s.setup.rate,
    )
    _train(s)


def rates_in_groups(s: Script) -> None:
    """A tenth of the rate for the trunk."""
    s.optimizer = s.over(
        [
            {"params": s.model.trunk.parameters(), "lr": s.setup.rate / 5},  # type: ignore[union-attr]
            {"params": s.model.head.parameters()},  # type: ignore[union-attr]
        ]
    )
    _train(s)


def two_optimizers(s: Script) -> None:
    """One for the trunk and one for the head; the author tells the first."""
    trunk = s.over(s.model.trunk.parameters())  # type: ignore[union-attr]
    head = s.over(s.model.head.parameters())  # type: ignore[union-attr]
    s.optimizer = trunk
    for _ in s.epochs():
        for x, y in s.batches():
            trunk.zero_grad()
            head.zero_grad()
            s.loss(x, y).backward()
            trunk.step()
            head.step()


def pretrained(s: Script, *, how: str) -> None:
    """A trunk from another training, and a new head that alone is trained.

    Args:
        s: The script.
        how: "frozen": the trunk requires no gradient; "left out": the optimizer has the head
            alone; "both"; "all": everything is trained on, at a small rate.
    """
    for _ in range(8):
        for x, y in s.batches():
            s.update(s.loss(x, y))
    old: nn.Linear = s.model.head  # type: ignore[assignment]
    s.model.head = nn.Linear(old.in_features, old.out_features)
    trunk: nn.Module = s.model.trunk  # type: ignore[assignment]
    if how in ("frozen", "both"):
        trunk.requires_grad_(False)
    if how == "all":
        s.optimizer = s.over(s.model.parameters(), lr=s.setup.rate / 2)
    else:
        held = s.model if how == "frozen" else s.model.head
        s.optimizer = s.over([p for p in held.parameters() if p.requires_grad])
    _train(s)


def thawed(s: Script) -> None:
    """The trunk is frozen for the first epochs and then trained too."""
    trunk: nn.Module = s.model.trunk  # type: ignore[assignment]
    for epoch in s.epochs():
        trunk.requires_grad_(epoch >= 3)
        for x, y in s.batches():
            s.update(s.loss(x, y))


def _train(s: Script) -> None:
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
