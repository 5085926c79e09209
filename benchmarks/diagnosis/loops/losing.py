"""Loops that train something else than their author believes."""

from __future__ import annotations

import copy

import torch
from torch import nn

from .networks import NETWORKS
from .script import Script


def summed(s: Script, faulty: bool) -> None:
    """The loop sums over the batch; what is told is the mean."""
    total = type(s.criterion)(reduction="sum" if faulty else "mean")
    for _ in s.epochs():
        for x, y in s.batches():
            loss = total(s.model(x), y)
            s.note(loss.detach())
            s.update(loss)


def inputs_shuffled_alone(s: Script, faulty: bool) -> None:
    """Inputs are taken in a drawn order, targets in the stored one."""
    for _ in s.epochs():
        order = torch.randperm(len(s.x))
        for start in range(0, len(s.x), s.setup.size):
            rows = order[start : start + s.setup.size]
            x = s.x[rows]
            y = s.y[start : start + s.setup.size] if faulty else s.y[rows]
            s.update(s.loss(x, y))


def other_targets(s: Script, faulty: bool, *, kind: str) -> None:
    """The loop's targets are not those that are told: shifted classes, a late step, scaled."""
    if faulty and kind == "classes":  # an encoder that sorted them otherwise
        s.y = (s.y + 1) % int(s.y.max() + 1)
    elif faulty and kind == "late":
        s.y = s.y.roll(1, 0)
    elif faulty and kind == "scaled":
        s.y = (s.y - s.y.min()) / (s.y.max() - s.y.min())
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))


def broadcast(s: Script, faulty: bool) -> None:
    """The loop squeezes the outputs and not the targets."""
    for _ in s.epochs():
        for x, y in s.batches():
            outputs = s.model(x)
            loss = ((outputs.squeeze(1) - y) ** 2).mean() if faulty else s.criterion(outputs, y)
            s.note(loss.detach())
            s.update(loss)


def stopped_by_a_wrong_mean(s: Script, faulty: bool, *, below: float) -> None:
    """Mean losses are divided by the samples, so training ends as soon as it looks good."""
    for _ in s.epochs():
        for x, y in s.batches():
            loss = s.criterion(s.model(x), y)
            s.note(loss.item() / (len(x) if faulty else 1))
            s.update(loss)
        if s.last() < below:
            s.history.append(s.last())
            break


def divided_without_waiting(s: Script, faulty: bool, *, by: int) -> None:
    """Half an accumulation: the loss is divided, and every batch steps."""
    for _ in s.epochs():
        for x, y in s.batches():
            loss = s.loss(x, y)
            s.update(loss / by if faulty else loss)


def first_batch_only(s: Script, faulty: bool) -> None:
    """A `break` from debugging is still there."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
            if faulty:
                break


def one_batch(s: Script, faulty: bool) -> None:
    """The batch is drawn once, in front of the loop."""
    once = next(iter(s.batches()))
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(*(once if faulty else (x, y))))


def built_again(s: Script, faulty: bool) -> None:
    """The model is built within the loop over epochs."""
    for _ in s.epochs():
        if faulty:
            s.model = (s.setup.build or NETWORKS[s.setup.network])()
            s.optimizer = s.over(s.model.parameters())
        for x, y in s.batches():
            s.update(s.loss(x, y))


def worst_restored(s: Script, faulty: bool) -> None:
    """The "best" weights are those of the epoch with the largest loss."""
    kept, best = copy.deepcopy(s.model.state_dict()), -1.0 if faulty else float("inf")
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
        now = s.aside()
        if now > best if faulty else now < best:
            kept, best = copy.deepcopy(s.model.state_dict()), now
    s.model.load_state_dict(kept)


def noise_added(s: Script, faulty: bool, *, noise: float) -> None:
    """Augmentation by noise that buries the signal."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x + (noise if faulty else 0.05) * torch.randn_like(x), y))


def penalised(s: Script, faulty: bool, *, weight: float) -> None:
    """A penalty of the loop's own that nobody told, far too strong."""
    for _ in s.epochs():
        for x, y in s.batches():
            loss = s.loss(x, y)
            penalty = sum((p**2).sum() for p in s.model.parameters())
            s.update(loss + (weight if faulty else 1e-5) * penalty)


def sigmoid_twice(s: Script, faulty: bool) -> None:
    """The loop squashes logits before a loss that squashes them again."""
    for _ in s.epochs():
        for x, y in s.batches():
            outputs = s.model(x)
            if faulty:
                outputs = nn.functional.softmax(outputs, 1)
            loss = s.criterion(outputs, y)
            s.note(loss.detach())
            s.update(loss)
