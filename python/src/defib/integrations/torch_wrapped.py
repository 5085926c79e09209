"""What Accelerate, and what builds on it, puts around the parts of a training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def bare_optimizer(optimizer: Any) -> Any:
    """Return the optimizer inside a wrapper of Accelerate or Lightning."""
    return getattr(optimizer, "optimizer", optimizer)


def bare_scheduler(scheduler: Any) -> Any:
    """Return the scheduler inside a wrapper of Accelerate, or of several."""
    if isinstance(scheduler, (list, tuple)):
        return [bare_scheduler(each) for each in scheduler]
    return getattr(scheduler, "scheduler", scheduler)


def half_of(named: Any) -> str | None:
    """Return "float16" or "bfloat16" for what trainers call a mixed precision; None: neither."""
    text = str(named)
    if text.startswith("bf16"):
        return "bfloat16"
    return "float16" if text.startswith(("16", "fp16")) else None


@contextmanager
def own_forward(model: Any) -> Iterator[None]:
    """Give a module its own `forward` back while the block runs.

    Accelerate puts one of mixed precision into the module's own dictionary.
    """
    held = getattr(model, "__dict__", {})
    wrapped = held.get("forward") if "_original_forward" in held else None
    if wrapped is not None:
        del model.forward
    try:
        yield
    finally:
        if wrapped is not None:
            model.forward = wrapped


def criterion_of(module: Any) -> Any:
    """Return the only attribute of a module that is a loss; None: there is none, or several."""
    from torch.nn.modules.loss import _Loss

    from .._errors import ExportError
    from ..exporters.torch.entries import read

    found = []
    for part in module.children():
        try:
            # Every module can be called, so that only those that are known to be losses count.
            if (read(part) or {"kind": "custom"})["kind"] != "custom" or isinstance(part, _Loss):
                found.append(part)
        except ExportError:
            continue
    return found[0] if len(found) == 1 else None
