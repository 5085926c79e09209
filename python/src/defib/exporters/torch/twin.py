"""Copies of a module in another precision."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from . import unlisted


def twin(model: nn.Module, kind: torch.dtype) -> nn.Module | None:
    """Copy a module, with the hooks on its gradients; None: it cannot be copied."""
    memo: dict[int, Any] = {}
    for module in unlisted.modules(model):
        for value in vars(module).values():
            # A kept result that is part of a graph cannot be copied as it is.
            if isinstance(value, torch.Tensor) and not value.is_leaf:
                memo[id(value)] = value.detach().clone()
    try:
        other = copy.deepcopy(model, memo).to(kind)
        for each in unlisted.find(other):
            if isinstance(each.held, nn.Module):
                each.held.to(kind)
            elif each.held.is_floating_point():
                each.held.data = each.held.data.to(kind)
    except Exception:
        return None
    for mine, its in zip(model.parameters(), other.parameters(), strict=True):
        if not its._backward_hooks:
            for hook in (mine._backward_hooks or {}).values():
                its.register_hook(hook)  # type: ignore[no-untyped-call]
    return other
