"""Loops whose learning rate runs out: schedules stepped too often, or by the wrong measure."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.optim import lr_scheduler as schedules

from .script import Script

Schedule = Callable[[torch.optim.Optimizer], Any]


def stepped_each_batch(s: Script, faulty: bool, *, schedule: Schedule, told: bool = False) -> None:
    """A schedule that counts epochs is stepped once a batch."""
    scheduler = schedule(s.optimizer)
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
            if faulty:
                scheduler.step()
        if not faulty:
            scheduler.step()
    if told:
        s.given["scheduler"] = scheduler


def run_out(s: Script, faulty: bool, *, share: float, told: bool = False) -> None:
    """A cosine that is meant for the whole training ends after a small share of it."""
    total = s.setup.epochs * s.updates * (share if faulty else 1.0)

    def cosine(update: int) -> float:
        return 0.5 * (1 + math.cos(math.pi * min(1.0, update / total)))

    scheduler = schedules.LambdaLR(s.optimizer, cosine)
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
            scheduler.step()
    if told:
        s.given["scheduler"] = scheduler


def plateau_upwards(s: Script, faulty: bool, *, told: bool = False) -> None:
    """ReduceLROnPlateau waits for the loss to rise."""
    mode = "max" if faulty else "min"
    scheduler = schedules.ReduceLROnPlateau(s.optimizer, mode=mode, factor=0.1, patience=1)  # type: ignore[arg-type]
    for epoch in s.epochs():
        if epoch:
            scheduler.step(s.history[-1])
        for x, y in s.batches():
            s.update(s.loss(x, y))
    if told:
        s.given["scheduler"] = scheduler


def plateau_of_accuracy(s: Script, faulty: bool, *, told: bool = False) -> None:
    """ReduceLROnPlateau gets the accuracy, which rises, and takes that for a plateau."""
    scheduler = schedules.ReduceLROnPlateau(s.optimizer, factor=0.2, patience=1)
    for _ in s.epochs():
        right = 0
        for x, y in s.batches():
            outputs = s.model(x)
            loss = s.criterion(outputs, y)
            s.note(loss.detach())
            s.update(loss)
            right += int((outputs.argmax(1) == y).sum())
        accuracy = right / len(s.x)
        scheduler.step(accuracy if faulty else 1 - accuracy)
    if told:
        s.given["scheduler"] = scheduler


def by_hand(s: Script, faulty: bool, *, factor: float) -> None:
    """The script multiplies the rate of the groups itself, in the wrong loop."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
            if faulty:
                _multiply(s, factor)
        if not faulty:
            _multiply(s, factor)


def _multiply(s: Script, factor: float) -> None:
    for group in s.optimizer.param_groups:
        group["lr"] *= factor


def new_optimizer(s: Script, faulty: bool, *, factor: float) -> None:
    """The optimizer is made anew for each epoch, at a rate that shrinks too fast."""
    for epoch in s.epochs():
        s.optimizer = s.over(
            s.model.parameters(), lr=s.setup.rate * (factor**epoch if faulty else 1)
        )
        for x, y in s.batches():
            s.update(s.loss(x, y))
    s.given["optimizer"] = s.over(s.model.parameters())  # as its author writes it down
