"""The usual loop of PyTorch, with the recorder as the README shows it, for scripts to import."""

# ruff: noqa: F401 - scripts take everything from here

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import defib

torch.set_num_threads(1)


def seed(value: int) -> None:
    """Seed everything that draws."""
    torch.manual_seed(value)
    np.random.seed(value)
    random.seed(value)


def loop(
    path: str,
    model: torch.nn.Module,
    crit: Any,
    opt: torch.optim.Optimizer,
    x: torch.Tensor,
    y: torch.Tensor,
    epochs: int = 20,
    bs: int = 32,
    zero: bool = True,
    step: bool = True,
    clip: float | None = None,
    sched: Any = None,
    each: str = "epoch",
    augment: Callable[[torch.Tensor], torch.Tensor] | None = None,
    val: Any = None,
    shuffle: bool = True,
    drop_last: bool = False,
) -> str:
    """Train, and leave a run at `path`; every slip of a loop is an argument."""
    rec = defib.Recorder(path, model, loss=crit, optimizer=opt)
    rows = torch.utils.data.TensorDataset(x, y)
    loader = torch.utils.data.DataLoader(rows, batch_size=bs, shuffle=shuffle, drop_last=drop_last)
    for _ in range(epochs):
        for xb, yb in loader:
            loss = crit(model(augment(xb) if augment else xb), yb)
            if zero:
                opt.zero_grad()
            loss.backward()
            if clip:
                torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
            if step:
                opt.step()
            if sched is not None and each == "batch":
                sched.step()
            rec.step(loss)
        if sched is not None and each == "epoch":
            sched.step()
    rec.finish(loader, **({} if val is None else {"validation": val}))
    return path
