"""Runs a user's model and leaves no trace of it: state, buffers, gradients, random numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode


@contextmanager
def same_attributes(model: nn.Module) -> Iterator[None]:
    """Put back what the attributes of all modules name, as counters and kept states do."""
    attributes = [(module, dict(vars(module))) for module in model.modules()]
    tables = [(table, dict(table)) for _, held in attributes for table in _tables(held)]
    try:
        yield
    finally:
        for table, held in tables:
            table.clear()
            table.update(held)
        for module, held in attributes:
            vars(module).clear()
            vars(module).update(held)


def _tables(held: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return held["_parameters"], held["_buffers"], held["_modules"]


@contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Put back everything that a forward pass may change: tensors, attributes, random states."""
    named = [vars(module) for module in model.modules()]
    tables = [table for held in named for table in _tables(held)]
    tensors = {id(t): t for held in (*named, *tables) for t in _tensors(held)}
    copies = [(tensor, tensor.detach().clone()) for tensor in tensors.values()]
    numbers, states = np.random.get_state(), random.getstate()
    is_used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = list(range(torch.cuda.device_count())) if is_used else []
    try:
        with torch.random.fork_rng(devices=devices), same_attributes(model):
            yield
    finally:
        np.random.set_state(numbers)
        random.setstate(states)
        with torch.no_grad():
            for tensor, value in copies:
                if tensor.shape == value.shape and not _same(tensor, value):
                    tensor.data.copy_(value)


def _tensors(held: dict[str, Any]) -> list[torch.Tensor]:
    return [
        value
        for value in held.values()
        if isinstance(value, torch.Tensor) and not value.is_meta and value.layout == torch.strided
    ]


def _same(a: torch.Tensor, b: torch.Tensor) -> bool:
    # NaN is NaN here, so bits are compared; a tensor that stayed as it was is not written to.
    return bool(((a == b) | ((a != a) & (b != b))).all())


#: Functions that drop values at random; a replay drops none.
_DROPS = frozenset(
    {"dropout", "dropout_", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout",
     "alpha_dropout_", "feature_dropout", "feature_dropout_", "feature_alpha_dropout",
     "feature_alpha_dropout_"}
)  # fmt: skip


#: Functions that drop values inside, and the position of their `dropout_p`. What they call does not
#: come by the mode below.
_DROPOUT_P = {"scaled_dot_product_attention": 4, "multi_head_attention_forward": 10}


class WithoutDropout(TorchFunctionMode):
    """Makes dropout the identity, and RReLU its mean slope, as a replay has them."""

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Answer for one function of torch."""
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if name in _DROPS:
            return args[0] if args else kwargs["input"]
        place = _DROPOUT_P.get(name)
        if place is not None:
            if "dropout_p" in kwargs:
                kwargs["dropout_p"] = 0.0
            elif len(args) > place:
                args = (*args[:place], 0.0, *args[place + 1 :])
        if name in ("rrelu", "rrelu_"):
            args, kwargs = args[:3], {k: v for k, v in kwargs.items() if k != "training"}
        return func(*args, **kwargs)


@contextmanager
def without_dropout(model: nn.Module) -> Iterator[None]:
    """Let nothing be dropped, inside recurrent layers neither; inside of `undisturbed`."""
    for module in model.modules():
        if isinstance(module, nn.RNNBase):
            module.dropout = 0.0
    with WithoutDropout():
        yield
