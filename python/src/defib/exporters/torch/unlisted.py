"""Modules and tensors that a model uses and does not list: those in plain lists, for example.

`model.parameters()` does not have them, so an optimizer made of it does not train them. They go
into the run all the same, by names that lead to them, and are marked there as not registered.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

#: What the path of something unlisted begins with in a graph; its number follows.
_ALIAS = "_defib_unlisted_"
_PATTERN = re.compile(_ALIAS + r"(\d+)")
#: Attributes of every module, which hold nothing of the user's.
_OWN = frozenset(vars(nn.Module()))
#: Containers deeper or longer than these are not looked into.
_DEPTH, _LENGTH = 6, 4096


@dataclass(frozen=True)
class Unlisted:
    """One module or tensor, and where the model keeps it."""

    #: as the user would write it, without `self`: hidden.0
    path: str
    held: nn.Module | torch.Tensor
    #: the dict, list or deque that holds it; a tuple cannot be changed
    container: Any
    key: Any


def find(model: nn.Module) -> list[Unlisted]:
    """Find what lists, tuples, dicts and attributes of all modules hold beside what they list.

    Of tensors these are the leaves that want a gradient. The order is always the same.
    """
    known = {id(module) for module in model.modules()}
    known |= {id(tensor) for tensor in (*model.parameters(), *model.buffers())}
    found: list[Unlisted] = []
    waiting = list(model.named_modules())
    while waiting:
        prefix, module = waiting.pop(0)
        attributes = {k: v for k, v in vars(module).items() if k not in _OWN}
        for each in _inside(attributes, vars(module), prefix, known, _DEPTH):
            found.append(each)
            if isinstance(each.held, nn.Module):
                inner = [(_join(each.path, name), part) for name, part in each.held.named_modules()]
                known |= {id(part) for _, part in inner}
                known |= {id(t) for t in (*each.held.parameters(), *each.held.buffers())}
                waiting += inner
    return found


def _join(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def _inside(
    items: Mapping[Any, Any], container: Any, prefix: str, known: set[int], depth: int
) -> Iterator[Unlisted]:
    for key, value in items.items():
        if id(value) in known:
            continue
        path = _join(prefix, re.sub(r"[^\w-]+", "_", str(key)) or "_")
        if isinstance(value, nn.Module) or _is_trained(value):
            known.add(id(value))
            yield Unlisted(path, value, container, key)
        elif depth and isinstance(value, (dict, list, tuple, deque)) and len(value) <= _LENGTH:
            known.add(id(value))
            inner = value if isinstance(value, dict) else dict(enumerate(value))
            yield from _inside(inner, value, path, known, depth - 1)


def _is_trained(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_leaf and value.requires_grad


def named_modules(model: nn.Module) -> dict[str, nn.Module]:
    """Return all modules by their paths, the unlisted ones last."""
    result = dict(model.named_modules())
    for each in find(model):
        if isinstance(each.held, nn.Module):
            for name, module in each.held.named_modules():
                result[_join(each.path, name)] = module
    return result


def modules(model: nn.Module) -> list[nn.Module]:
    """Return all modules, the unlisted ones last."""
    return list(named_modules(model).values())


def kept(model: nn.Module) -> list[torch.Tensor]:
    """Return the tensors among the attributes of all modules, and in tuples and lists of them."""
    held = [value for module in modules(model) for value in vars(module).values()]
    parts = [part for value in held if isinstance(value, (tuple, list)) for part in value]
    return [value for value in (*held, *parts) if isinstance(value, torch.Tensor)]


def named_tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return the unlisted parameters and buffers, by their paths."""
    result: dict[str, torch.Tensor] = {}
    for each in find(model):
        if isinstance(each.held, torch.Tensor):
            result[each.path] = each.held
        else:
            for name, tensor in (*each.held.named_parameters(), *each.held.named_buffers()):
                result[_join(each.path, name)] = tensor
    return result


def parameters(model: nn.Module) -> list[torch.Tensor]:
    """Return the parameters, the unlisted ones last, in an order that copies of the model share."""
    more = [tensor for tensor in named_tensors(model).values() if _is_trained(tensor)]
    return [*model.parameters(), *more]


@dataclass
class Registry:
    """What is unlisted in a root, under the paths by which a graph reaches it."""

    root: nn.Module
    found: list[Unlisted] = field(default_factory=list)
    #: id -> number
    _numbers: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in find(self.root):
            self._add(each)

    def _add(self, each: Unlisted) -> int:
        number = len(self.found)
        self.found.append(each)
        self._numbers[id(each.held)] = number
        return number

    def path(self, held: nn.Module | torch.Tensor, *, new: bool = False) -> str | None:
        """Return the path of a module or a tensor; None: nothing unlisted has it.

        With `new`, a stranger is taken in: what only a closure or a global variable holds.
        """
        number = self._numbers.get(id(held))
        if number is not None:
            return f"{_ALIAS}{number}"
        for number, each in enumerate(self.found):
            if isinstance(each.held, nn.Module):
                for name, part in _named(each.held, held):
                    if part is held:
                        return f"{_ALIAS}{number}.{name}"
        if not new:
            return None
        path = self._fresh(type(held).__name__.lower())
        return f"{_ALIAS}{self._add(Unlisted(path, held, (), None))}"

    def _fresh(self, wanted: str) -> str:
        taken = {name for name, _ in self.root.named_modules()} | {each.path for each in self.found}
        taken |= set(vars(self.root))
        names = (wanted, *(f"{wanted}_{i}" for i in range(1, len(taken) + 2)))
        return next(name for name in names if name not in taken)

    def is_path(self, path: str) -> bool:
        """Whether a path leads to something unlisted."""
        return _PATTERN.match(path) is not None

    def tensor(self, path: str) -> torch.Tensor:
        """Return the tensor at a path."""
        alias, _, inner = path.partition(".")
        held: Any = self.found[int(alias.removeprefix(_ALIAS))].held
        for part in inner.split(".") if inner else ():
            held = getattr(held, part)
        return held  # type: ignore[no-any-return]

    def at(self, tensor: torch.Tensor) -> str | None:
        """Return the path of the tensor whose memory another one is; None: there is none."""
        for number, each in enumerate(self.found):
            held: Sequence[tuple[str, Any]] = [("", each.held)]
            if isinstance(each.held, nn.Module):
                held = _named(each.held, tensor)
            for name, part in held:
                if _same_memory(part, tensor):
                    return _join(f"{_ALIAS}{number}", name)
        return None

    def user(self, name: str) -> str:
        """Return a path, or a name made of one, in the user's words."""
        return _PATTERN.sub(lambda match: self.found[int(match[1])].path, name)

    def exportable(self) -> nn.Module:
        """Return a root for torch.export, which takes what is listed for parameters.

        A Sequential runs what it lists, so it is left alone, and tensors that are no `Parameter`
        may not be listed: these come out as constants, which are known by their memory.
        """
        return self.root if isinstance(self.root, nn.Sequential) else self.view(nn.Parameter)

    def view(self, tensors: type[torch.Tensor] = torch.Tensor) -> nn.Module:
        """Return a root that lists everything, and otherwise is the model: a shallow copy."""
        root = self.root
        if not self.found:
            return root
        view: nn.Module = object.__new__(type(root))
        vars(view).update(vars(root))
        for kind, table in ((nn.Module, "_modules"), (tensors, "_parameters")):
            more = {
                f"{_ALIAS}{number}": each.held
                for number, each in enumerate(self.found)
                if isinstance(each.held, kind)
            }
            vars(view)[table] = {**vars(root)[table], **more}
        return view

    def put(self, make: Callable[[str], Any]) -> Callable[[], None]:
        """Put something in the place of each bare tensor; return what takes that back."""
        places = [
            (number, each)
            for number, each in enumerate(self.found)
            if isinstance(each.held, torch.Tensor)
            and isinstance(each.container, (dict, list, deque))
        ]
        for number, each in places:
            each.container[each.key] = make(f"{_ALIAS}{number}")

        def back() -> None:
            for _, each in places:
                each.container[each.key] = each.held

        return back


def _named(module: nn.Module, kind: Any) -> Sequence[tuple[str, Any]]:
    if isinstance(kind, nn.Module):
        return list(module.named_modules())
    return [*module.named_parameters(remove_duplicate=False), *module.named_buffers()]


def _same_memory(a: torch.Tensor, b: torch.Tensor) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype or not a.numel():
        return False
    return a.data_ptr() == b.data_ptr()
