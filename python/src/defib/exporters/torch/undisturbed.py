"""Runs a user's model and leaves no trace: state, buffers, gradients, random numbers."""

from __future__ import annotations

import copy
import random
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from .unlisted import modules, parameters


@contextmanager
def same_attributes(model: nn.Module) -> Iterator[None]:
    """Put back what the attributes of all modules name, as counters and kept states do.

    So are the items of lists, dicts and sets among them, and whether parameters are trained.
    """
    attributes = [(module, dict(vars(module))) for module in modules(model)]
    tables = [(table, dict(table)) for _, held in attributes for table in _tables(held)]
    items = [(item, copy.copy(item)) for _, held in attributes for item in _collections(held)]
    flags = [(parameter, parameter.requires_grad) for parameter in parameters(model)]
    try:
        yield
    finally:
        for parameter, flag in flags:
            if parameter.requires_grad != flag:
                parameter.requires_grad_(flag)
        for item, before in items:
            _refill(item, before)
        for table, held in tables:
            table.clear()
            table.update(held)
        for module, held in attributes:
            vars(module).clear()
            vars(module).update(held)


@contextmanager
def without_stand_ins(model: nn.Module, kind: type) -> Iterator[None]:
    """Put back the attributes that a tracing has set to stand-ins; constants that it keeps stay."""
    held = [vars(module) for module in modules(model)]
    tables = [table for own in held for table in (own, *_tables(own))]
    before = [dict(table) for table in tables]
    try:
        yield
    finally:
        for table, values in zip(tables, before, strict=True):
            for name in [name for name, value in table.items() if isinstance(value, kind)]:
                if name in values:
                    table[name] = values[name]
                else:
                    del table[name]


def _collections(held: dict[str, Any]) -> list[Any]:
    """Return the plain lists, dicts, sets and deques among attributes that are the user's."""
    kinds = (list, dict, set, deque)
    return [
        value
        for name, value in held.items()
        if type(value) in kinds and name not in _OWN and not name.endswith("_hooks")
    ]


#: nn.Module's own attributes; the tables are restored above.
_OWN = frozenset({"_parameters", "_buffers", "_modules", "_non_persistent_buffers_set"})


def _refill(item: Any, before: Any) -> None:
    if isinstance(item, (dict, set)):
        item.clear()
        item.update(before)
    elif isinstance(item, deque):
        item.clear()
        item.extend(before)
    else:
        item[:] = before  # a list


def _tables(held: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return held["_parameters"], held["_buffers"], held["_modules"]


_GENERATORS = (torch.Generator, np.random.Generator, random.Random)


def _state(generator: Any) -> Any:
    if isinstance(generator, torch.Generator):
        return generator.get_state()
    if isinstance(generator, np.random.Generator):
        return copy.deepcopy(generator.bit_generator.state)
    return generator.getstate()


def _set_state(generator: Any, state: Any) -> None:
    if isinstance(generator, torch.Generator):
        generator.set_state(state)
    elif isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    else:
        generator.setstate(state)


def _inside(item: Any) -> dict[str, Any]:
    values = item.values() if isinstance(item, dict) else item
    return {str(i): value for i, value in enumerate(values)}


def _numpy_state() -> tuple[Any, ...]:
    return tuple(np.random.get_state(legacy=True))


class Draws:
    """Which of the global sources of random numbers were drawn from since the start."""

    def __init__(self) -> None:
        self.python, self.numpy = random.getstate(), _numpy_state()
        self.torch = torch.get_rng_state()

    def drawn(self) -> list[str]:
        """Name the sources; every one has moved on."""
        old, new = self.numpy, _numpy_state()
        same = old[2] == new[2] and np.array_equal(old[1], new[1])
        found = {
            "Python's random": random.getstate() != self.python,
            "numpy.random": not same,
            "torch": not torch.equal(torch.get_rng_state(), self.torch),
        }
        return [name for name, moved in found.items() if moved]


@contextmanager
def same_random_numbers() -> Iterator[None]:
    """Put back the global random states of Python, NumPy and PyTorch."""
    numbers, state = np.random.get_state(), random.getstate()
    is_used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = list(range(torch.cuda.device_count())) if is_used else []
    try:
        with torch.random.fork_rng(devices=devices):
            yield
    finally:
        np.random.set_state(numbers)
        random.setstate(state)


@contextmanager
def without_checks() -> Iterator[None]:
    """Let distributions take their parameters as they are: a tracing cannot look at values."""
    kind = torch.distributions.Distribution
    before = kind._validate_args
    kind.set_default_validate_args(False)
    try:
        yield
    finally:
        kind.set_default_validate_args(before)


@contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Put back everything that a forward pass may change: tensors, attributes, random states."""
    named = [vars(module) for module in modules(model)]
    tables = [table for held in named for table in _tables(held)]
    listed = [_inside(value) for held in named for value in _collections(held)]
    tensors = {id(t): t for held in (*named, *tables, *listed) for t in _tensors(held)}
    copies = [(tensor, tensor.detach().clone()) for tensor in tensors.values()]
    generators = [v for held in named for v in held.values() if isinstance(v, _GENERATORS)]
    states = [(generator, _state(generator)) for generator in generators]
    try:
        with same_random_numbers(), same_attributes(model):
            yield
    finally:
        for generator, state in states:
            _set_state(generator, state)
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
    return torch.equal(a, b) or bool(((a == b) | ((a != a) & (b != b))).all())


#: Functions that drop values at random; a replay drops none.
_DROPS = frozenset(
    {"dropout", "dropout_", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout",
     "alpha_dropout_", "feature_dropout", "feature_dropout_", "feature_alpha_dropout",
     "feature_alpha_dropout_"}
)  # fmt: skip


#: Functions that drop values inside, and the position of their `dropout_p`. What they call does not
#: come by the mode below.
_DROPOUT_P = {"scaled_dot_product_attention": 4, "multi_head_attention_forward": 10}


def is_coin(name: str, args: Any, kwargs: dict[str, Any]) -> bool:
    """Whether a function draws a single number, as models do to leave out a layer at random."""
    sizes = args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args
    plain = all(isinstance(size, int) for size in sizes)
    return name == "rand" and plain and "generator" not in kwargs and tuple(sizes) in ((), (1,))


class WithoutCoins(TorchFunctionMode):
    """Draws a half wherever a single number is drawn: layers stay that are left out more rarely."""

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Answer for one function of torch."""
        if is_coin(getattr(func, "__name__", ""), args, kwargs or {}):
            # torch.export knows the value of a tensor that is made of numbers, and of no other.
            return torch.tensor([0.5] if args and args[0] in (1, (1,), [1]) else 0.5)
        return func(*args, **(kwargs or {}))


class WithoutDropout(WithoutCoins):
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
        return super().__torch_function__(func, types, args, kwargs)


@contextmanager
def without_dropout(model: nn.Module) -> Iterator[None]:
    """Let nothing be dropped, inside recurrent layers neither; inside of `undisturbed`."""
    for module in modules(model):
        if isinstance(module, nn.RNNBase):
            module.dropout = 0.0
    with WithoutDropout():
        yield
