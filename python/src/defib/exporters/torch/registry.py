"""The tables from PyTorch's names to the handlers that write them into a run.

A handler takes the arguments of the PyTorch function under their own names; fx nodes stand for
tensors. It returns the name of the tensor that it wrote, or a tuple of such names where the
function returns several tensors; None stands for one that a run cannot have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import fx, nn
from torch.nn import functional as F  # noqa: N812

Handler = Callable[..., Any]
_H = TypeVar("_H", bound=Handler)

#: Functions by themselves.
FUNCTIONS: dict[Any, Handler] = {}
#: Methods of tensors, and operators of aten, by their names without a trailing underscore.
METHODS: dict[str, Handler] = {}
#: Operators of aten whose arguments differ from those of the method of the same name.
ATEN: dict[str, Handler] = {}
#: Modules by their exact type; these handlers take the module before the arguments.
MODULES: dict[type[nn.Module], Handler] = {}

#: Modules of other packages, by what the names of their types end in.
NAMED_MODULES: dict[str, Handler] = {}


def function(*names: str, also: tuple[Any, ...] = ()) -> Callable[[_H], _H]:
    """Register a handler for torch.NAME, F.NAME, their in-place forms, methods and aten."""

    def register(handler: _H) -> _H:
        for name in names:
            for owner in (torch, F):
                for form in (name, f"{name}_"):
                    if callable(getattr(owner, form, None)):
                        FUNCTIONS[getattr(owner, form)] = handler
            METHODS[name] = handler
        for target in also:
            FUNCTIONS[target] = handler
        return handler

    return register


def aten(*names: str) -> Callable[[_H], _H]:
    """Register a handler for operators of aten, and for torch.NAME, which has their arguments."""

    def register(handler: _H) -> _H:
        for name in names:
            ATEN[name] = handler
            if callable(getattr(torch, name, None)) and name not in dir(F):
                FUNCTIONS[getattr(torch, name)] = handler
        return handler

    return register


def module(*kinds: type[nn.Module]) -> Callable[[_H], _H]:
    """Register a handler for modules of exactly these types."""

    def register(handler: _H) -> _H:
        MODULES.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def module_handler(owner: nn.Module) -> Handler | None:
    """Return the handler of a module; None where there is none."""
    if type(owner) in MODULES:
        return MODULES[type(owner)]
    name = type(owner).__name__
    return next((held for end, held in NAMED_MODULES.items() if name.endswith(end)), None)


def is_known_module(owner: nn.Module) -> bool:
    """Whether a module has a handler."""
    return module_handler(owner) is not None


def target_name(node: fx.Node) -> str:
    """Return the name of a function, a method or an operator of aten, underscores included."""
    if isinstance(node.target, torch._ops.OpOverload):
        return str(node.target._schema.name.split("::")[-1])
    if isinstance(node.target, str):
        return node.target.rsplit(".", 1)[-1]
    return str(getattr(node.target, "__name__", node.target))


def lookup(node: fx.Node) -> Handler | None:
    """Return the handler of a function or a method; None where there is none."""
    name = target_name(node)
    bare = name if name.startswith("__") else name.removesuffix("_")
    if isinstance(node.target, torch._ops.OpOverload):
        return ATEN.get(bare) or METHODS.get(bare)
    if node.op == "call_method":
        return METHODS.get(bare)
    if isinstance(node.target, type) and issubclass(node.target, tuple):
        return _named_tuple
    return FUNCTIONS.get(node.target)


def _named_tuple(_: Any, *values: Any, **named: Any) -> tuple[Any, ...]:
    """Keep the nodes of a named tuple that `forward` makes; its outputs name their tensors."""
    return (*values, *named.values())


def in_place(node: fx.Node, root: nn.Module) -> bool:
    """Whether a node changes its first argument: later users of that argument see the result."""
    if node.op == "call_module":
        return bool(getattr(root.get_submodule(str(node.target)), "inplace", False))
    name = target_name(node)
    if node.target in _IN_PLACE or (name.endswith("_") and not name.startswith("_")):
        return True
    return node.kwargs.get("inplace") is True


def _operators() -> set[Any]:
    import operator as op

    return {op.iadd, op.isub, op.imul, op.itruediv, op.ipow, op.iand, op.ior}


_IN_PLACE = _operators()
