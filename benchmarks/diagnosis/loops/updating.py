"""Loops that do something wrong with gradients: clearing, clipping, going back, stepping."""

from __future__ import annotations

import torch
from torch import nn

from .script import Script


def never_cleared(s: Script, faulty: bool) -> None:
    """`zero_grad` is missing."""
    for _ in s.epochs():
        for x, y in s.batches():
            loss = s.loss(x, y)
            if not faulty:
                s.optimizer.zero_grad()
            loss.backward()
            s.optimizer.step()


def cleared_once_an_epoch(s: Script, faulty: bool) -> None:
    """`zero_grad` stands in front of the loop over batches."""
    for _ in s.epochs():
        s.optimizer.zero_grad()
        for x, y in s.batches():
            if not faulty:
                s.optimizer.zero_grad()
            s.loss(x, y).backward()
            s.optimizer.step()


def cleared_every(s: Script, faulty: bool, *, every: int) -> None:
    """Half an accumulation: gradients are cleared every few batches, and each batch steps."""
    count = 0
    for _ in s.epochs():
        for x, y in s.batches():
            s.loss(x, y).backward()
            s.optimizer.step()
            count += 1
            if not faulty or count % every == 0:
                s.optimizer.zero_grad()


def cleared_before_the_step(s: Script, faulty: bool) -> None:
    """`zero_grad` stands between `backward` and `step`."""
    for _ in s.epochs():
        for x, y in s.batches():
            loss = s.loss(x, y)
            if not faulty:
                s.optimizer.zero_grad()
            loss.backward()
            if faulty:
                s.optimizer.zero_grad()
            s.optimizer.step()


def clipped(
    s: Script, faulty: bool, *, norm: float, usual: float = 5.0, told: bool = False
) -> None:
    """The norm of all gradients is clipped far below what it is."""
    bound = norm if faulty else usual
    for _ in s.epochs():
        for x, y in s.batches():
            s.optimizer.zero_grad()
            s.loss(x, y).backward()
            nn.utils.clip_grad_norm_(s.model.parameters(), bound)
            s.optimizer.step()
    if told:
        s.given["clip"] = {"norm": bound}


def clipped_values(s: Script, faulty: bool, *, value: float, told: bool = False) -> None:
    """Each element of the gradients is clipped far below what it is."""
    bound = value if faulty else 1.0
    for _ in s.epochs():
        for x, y in s.batches():
            s.optimizer.zero_grad()
            s.loss(x, y).backward()
            nn.utils.clip_grad_value_(s.model.parameters(), bound)
            s.optimizer.step()
    if told:
        s.given["clip"] = {"value": bound}


def no_backward(s: Script, faulty: bool) -> None:
    """The loss is never taken back through the network."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.optimizer.zero_grad()
            loss = s.loss(x, y)
            if not faulty:
                loss.backward()
            s.optimizer.step()


def no_step(s: Script, faulty: bool) -> None:
    """The optimizer is never asked to step."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.optimizer.zero_grad()
            s.loss(x, y).backward()
            if not faulty:
                s.optimizer.step()


def only_the_scheduler_steps(s: Script, faulty: bool) -> None:
    """`scheduler.step()` stands where `optimizer.step()` is meant."""
    scheduler = torch.optim.lr_scheduler.StepLR(s.optimizer, step_size=1000, gamma=0.9)
    for _ in s.epochs():
        for x, y in s.batches():
            s.optimizer.zero_grad()
            s.loss(x, y).backward()
            if not faulty:
                s.optimizer.step()
            scheduler.step()
    s.given["scheduler"] = scheduler


def loss_made_anew(s: Script, faulty: bool) -> None:
    """The value of the loss becomes a new tensor "that requires grad"."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.optimizer.zero_grad()
            loss = s.loss(x, y)
            if faulty:
                loss = torch.tensor(loss.item(), requires_grad=True)
            loss.backward()
            s.optimizer.step()


def loss_detached(s: Script, faulty: bool) -> None:
    """The loss is detached, and made to require a gradient when PyTorch complains."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.optimizer.zero_grad()
            loss = s.loss(x, y)
            if faulty:
                loss = loss.detach().requires_grad_()
            loss.backward()
            s.optimizer.step()


def forward_without_gradients(s: Script, faulty: bool) -> None:
    """The forward pass stands in `torch.no_grad()`."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.optimizer.zero_grad()
            with torch.set_grad_enabled(not faulty):
                outputs = s.model(x)
            loss = s.criterion(outputs, y)
            s.note(loss.detach())
            if faulty:
                loss.requires_grad_()
            loss.backward()
            s.optimizer.step()
