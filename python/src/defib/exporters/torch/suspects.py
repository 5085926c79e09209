"""Hooks of every kind, which may compute something that the graph of a model does not show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules import module as _module

from .unlisted import named_modules, named_tensors

#: Attribute of a module -> what its entries are.
_HOOKS = {
    "_forward_pre_hooks": "a forward pre-hook",
    "_forward_hooks": "a forward hook",
    "_backward_hooks": "a backward hook",
    "_backward_pre_hooks": "a backward pre-hook",
}
_FORWARD = ("_forward_pre_hooks", "_forward_hooks")


def suspects(model: nn.Module) -> list[str]:
    """Describe every hook on a module, and on the gradient of a parameter."""
    result = []
    for name, module in named_modules(model).items():
        where = name or type(module).__name__
        for attribute, what in _HOOKS.items():
            if getattr(module, attribute, None):
                result.append(f"{what} on {where}")
    for name, parameter in _tensors(model).items():
        if parameter._backward_hooks:
            result.append(f"a hook on the gradient of {name}")
    for attribute, what in _HOOKS.items():
        if getattr(_module, f"_global{attribute}", None):
            result.append(f"{what} on all modules (torch.nn.modules.module)")
    return result


def hooks_after(model: nn.Module) -> list[str]:
    """Describe hooks that run when a gradient has been added up, which no backward pass shows."""
    return [
        f"a hook after the gradient of {name} (register_post_accumulate_grad_hook)"
        for name, parameter in _tensors(model).items()
        if getattr(parameter, "_post_accumulate_grad_hooks", None)
    ]


def _tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    return {**named_tensors(model), **dict(model.named_parameters())}


def hooks_on(module: nn.Module) -> list[str]:
    """Describe the hooks of one module."""
    return [what for attribute, what in _HOOKS.items() if getattr(module, attribute, None)]


@contextmanager
def without_hooks(model: nn.Module) -> Iterator[None]:
    """Remove the forward hooks from all modules, and put them back."""
    taken = [
        (table, dict(table))
        for module in named_modules(model).values()
        for table in (getattr(module, name, None) for name in _FORWARD)
        if table
    ]
    try:
        for table, _ in taken:
            table.clear()
        yield
    finally:
        for table, held in taken:
            table.update(held)
