"""Sound loops in PyTorch that gather, clip, average or draw in ways of their own."""

from __future__ import annotations

import copy

import torch
from torch import nn

from .script import Script


def accumulating(s: Script, *, batches: int, told: bool) -> None:
    """Several batches make one update; the loss is divided by their number."""
    for _ in s.epochs():
        s.optimizer.zero_grad()
        for count, (x, y) in enumerate(s.batches(), 1):
            (s.loss(x, y) / batches).backward()
            if count % batches == 0 or count == s.updates:
                s.optimizer.step()
                s.optimizer.zero_grad()
    if told:
        s.given["accumulation"] = batches


def clipping(s: Script, *, norm: float, told: bool) -> None:
    """Gradients are clipped at a usual bound."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.optimizer.zero_grad()
            s.loss(x, y).backward()
            nn.utils.clip_grad_norm_(s.model.parameters(), norm)
            s.optimizer.step()
    if told:
        s.given["clip"] = {"norm": norm}


def clipping_values(s: Script, *, value: float) -> None:
    """Each element of the gradients is clipped at a usual bound."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.optimizer.zero_grad()
            s.loss(x, y).backward()
            nn.utils.clip_grad_value_(s.model.parameters(), value)
            s.optimizer.step()


def clearing_last(s: Script) -> None:
    """Gradients are cleared behind the step, for the next batch."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.loss(x, y).backward()
            s.optimizer.step()
            s.optimizer.zero_grad(set_to_none=False)


def with_closure(s: Script) -> None:
    """The step gets a closure."""
    for _ in s.epochs():
        for x, y in s.batches():

            def closure(x: torch.Tensor = x, y: torch.Tensor = y) -> torch.Tensor:
                s.optimizer.zero_grad()
                loss: torch.Tensor = s.loss(x, y)
                loss.backward()  # type: ignore[no-untyped-call]
                return loss

            s.optimizer.step(closure)  # type: ignore[arg-type]


def mixed_sizes(s: Script) -> None:
    """Batches of 16 to 64."""
    for _ in s.epochs():
        order, start = torch.randperm(len(s.x)), 0
        while start < len(order):
            rows = order[start : start + int(torch.randint(16, 65, ()))]
            start += len(rows)
            s.update(s.loss(s.x[rows], s.y[rows]))


def dropping_last(s: Script) -> None:
    """The last batch is dropped where it is smaller."""
    for _ in s.epochs():
        for x, y in s.batches():
            if len(x) == s.setup.size:
                s.update(s.loss(x, y))


def with_replacement(s: Script, *, balanced: bool = False) -> None:
    """Rows are drawn with replacement, each class alike where `balanced`."""
    weights = torch.ones(len(s.x))
    if balanced:
        weights = 1 / torch.bincount(s.y)[s.y]
    for _ in s.epochs():
        drawn = torch.multinomial(weights, len(s.x), replacement=True)
        for rows in torch.split(drawn, s.setup.size):
            s.update(s.loss(s.x[rows], s.y[rows]))


def noisy(s: Script, *, noise: float) -> None:
    """Augmentation by noise."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x + noise * torch.randn_like(x), y))


def shifted(s: Script) -> None:
    """Augmentation by shifts of a pixel."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x.roll(int(torch.randint(-1, 2, ())), 3), y))


def mixup(s: Script) -> None:
    """Pairs of rows are mixed, and so are their losses, which the record keeps."""
    draw = torch.distributions.Beta(0.4, 0.4)
    for _ in s.epochs():
        for x, y in s.batches():
            share, other = float(draw.sample()), torch.randperm(len(x))
            outputs = s.model(share * x + (1 - share) * x[other])
            loss = share * s.criterion(outputs, y) + (1 - share) * s.criterion(outputs, y[other])
            s.note(loss.detach())
            s.update(loss)


def early(s: Script, *, patience: int, restore: bool) -> None:
    """Training stops when the loss on the rows aside no longer falls; the best may be restored."""
    best, kept, waited = float("inf"), s.model.state_dict(), 0
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
        now = s.aside()
        waited = 0 if now < best else waited + 1
        if now < best:
            best, kept = now, copy.deepcopy(s.model.state_dict())
        if waited > patience:
            s.history.append(s.last())
            break
    if restore:
        s.model.load_state_dict(kept)


def best_epoch(s: Script) -> None:
    """The weights of the best epoch are restored."""
    early(s, patience=10**6, restore=True)


def averaged(s: Script, *, decay: float) -> None:
    """What is kept is the moving average of the weights (EMA)."""
    kept = copy.deepcopy(s.model)
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
            with torch.no_grad():
                for mean, now in zip(kept.parameters(), s.model.parameters(), strict=True):
                    mean.lerp_(now, 1 - decay)
    s.model.load_state_dict(kept.state_dict())


def swa(s: Script) -> None:
    """What is kept is the mean of the weights of the last third of the epochs (SWA)."""
    kept = torch.optim.swa_utils.AveragedModel(s.model)
    for epoch in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
        if epoch >= s.setup.epochs * 2 // 3:
            kept.update_parameters(s.model)
    s.model.load_state_dict(kept.module.state_dict())


def record_of_updates(s: Script) -> None:
    """The record has a loss for each update."""
    every = []
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
            every.append(s.latest())
    s.given["history"] = every


def smooth_record(s: Script) -> None:
    """The record is a running mean, as progress bars show it."""
    shown: list[float] = []
    running = None
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
            running = s.latest() if running is None else 0.95 * running + 0.05 * s.latest()
        shown.append(float(running or 0.0))
    s.given["history"] = shown


def record_of_last_batches(s: Script) -> None:
    """The record has the loss of the last batch of each epoch, of some rows only."""
    shown = []
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
        shown.append(s.latest())
    s.given["history"] = shown


def record_in_sums(s: Script) -> None:
    """The record has the sum over the batches of an epoch, as many scripts print it."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
    s.given["history"] = [loss * s.updates for loss in s.history]


def record_after_epochs(s: Script) -> None:
    """The record has the loss on all rows at the end of each epoch."""
    shown = []
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
        with torch.no_grad():
            shown.append(float(s.criterion(s.model(s.x), s.y)))
    s.given["history"] = shown


def plain(s: Script) -> None:
    """Nothing but the usual lines; the network, the loss or the groups are what is tried."""
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))
