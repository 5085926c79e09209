"""From what a script holds to the module inside, and what cannot be exported at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from ..._errors import ExportError
from .suspects import hooks_on

#: What wrappers put before the names of a state dict.
_PREFIXES = ("module.", "_orig_mod.")


def unwrap(model: nn.Module) -> nn.Module:
    """Return the module inside wrappers, ready to be traced.

    Raises:
        ExportError: the module is scripted, or has parameters without values.
    """
    model = _without_wrappers(model)
    if isinstance(model, torch.jit.ScriptModule):
        raise ExportError("a scripted module cannot be traced; export the module it was made of")
    held = [*model.named_parameters(), *model.named_buffers()]
    empty = [name for name, tensor in held if is_lazy(tensor) or tensor.is_meta]
    if empty:
        raise ExportError(
            f"{', '.join(empty)}: no values yet; run the model on one batch before exporting it"
        )
    return model


def inner(model: nn.Module) -> nn.Module:
    """Return the module inside DataParallel, DistributedDataParallel and torch.compile."""
    while (held := _held(model)) is not None:
        model = held
    return model


def _held(model: nn.Module) -> nn.Module | None:
    if isinstance(model, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
        return cast(nn.Module, model.module)
    if type(model).__name__ == "OptimizedModule" and hasattr(model, "_orig_mod"):
        return cast(nn.Module, model._orig_mod)
    return None


def _without_wrappers(model: nn.Module) -> nn.Module:
    """Return the module inside, where the wrappers do nothing of their own."""
    while (held := _held(model)) is not None:
        hooks = hooks_on(model)
        if hooks:
            raise ExportError(
                f"{type(model).__name__} has {', '.join(hooks)}, which the module inside has not; "
                "remove it (handle.remove()), or put it on the module inside"
            )
        model = held
    return model


def bare_name(name: str) -> str:
    """Return the name of a parameter without what wrappers put before it."""
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


def is_stochastic(module: nn.Module) -> bool:
    """Whether a module of torchvision, timm or Hugging Face leaves out whole branches at random."""
    return type(module).__name__.endswith(("StochasticDepth", "DropPath"))


@contextmanager
def training_mode(model: nn.Module, training: bool) -> Iterator[None]:
    """Put the modules into one mode, and back into their own afterwards.

    A model that is in training keeps the modes of its parts: a frozen batch norm stays frozen. Of
    a model in evaluation nothing shows which parts were in evaluation before.
    """
    before = [(module, module.training) for module in model.modules()]
    try:
        if not (training and model.training):
            for module, _ in before:
                module.training = training
        for module, _ in before:
            if is_stochastic(module):  # the identity, like dropout
                module.training = False
        yield
    finally:
        for module, mode in before:
            module.training = mode


def own_dtype(model: nn.Module) -> Any:
    """Return the floating type of the parameters where they have one; else float32."""
    kinds = {p.dtype for p in model.parameters() if p.dtype.is_floating_point}
    return kinds.pop() if len(kinds) == 1 else torch.float32
