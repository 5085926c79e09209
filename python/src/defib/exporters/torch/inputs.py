"""Which arguments of `forward` the data feeds."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from torch import nn

from ..._errors import ExportError


def forward_names(model: nn.Module) -> list[str]:
    """Return the names of the arguments of `forward`."""
    return list(inspect.signature(model.forward).parameters)


def input_names(model: nn.Module, x: Any) -> tuple[list[str], dict[str, Any]]:
    """Tell which arguments of `forward` the data feeds, and the defaults of the others."""
    parameters = list(inspect.signature(model.forward).parameters.values())
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            raise ExportError(
                f"forward of {type(model).__name__} takes {parameter}; name its arguments"
            )
    # What a training does not give, **kwargs does not hold.
    parameters = [p for p in parameters if p.kind is not p.VAR_KEYWORD]
    names = [parameter.name for parameter in parameters]
    required = [p.name for p in parameters if p.default is p.empty]
    if isinstance(x, Mapping):
        given = [name for name in names if name in x]
        if len(given) != len(x) or any(name not in x for name in required):
            raise ExportError(f"x names {list(x)}; forward takes {names}")
    else:
        number = len(x) if isinstance(x, (list, tuple)) else 1
        given = names[:number] if len(required) < number <= len(names) else list(required)
        given = given or names[:1]
        if len(required) <= 1 and number > 1 and not _are_arrays(x):
            given = names[:1]  # rows of numbers, not arrays
    if not given:
        raise ExportError(f"forward of {type(model).__name__} takes no input")
    rest = {p.name: p.default for p in parameters if p.name not in given}
    return given, rest | {name: value for name, value in fixed(model).items() if name in rest}


def fixed(model: nn.Module) -> dict[str, Any]:
    """Return arguments that a training does without: a cache of earlier tokens is no output."""
    known = inspect.signature(model.forward).parameters
    return {"use_cache": False} if "use_cache" in known else {}


def _are_arrays(x: Any) -> bool:
    """Whether a list holds an array for each argument, such as [tokens, lengths], and not rows."""
    shapes = [tuple(getattr(item, "shape", ())) for item in x]
    if not all(shapes) or len({shape[0] for shape in shapes}) > 1:
        return False
    # Lists of as many rows as there are arguments occur only in toys.
    return any(len(shape) >= 2 for shape in shapes) or shapes[0][0] > len(x)


class _Wrapper(nn.Module):
    """Holds a module of torch.nn, so that it has a name of its own in the graph."""

    def __init__(self, name: str, model: nn.Module) -> None:
        super().__init__()
        self._held = name
        self.add_module(name, model)
        self.training = model.training

    def call(self, *inputs: Any) -> Any:
        """Call the module."""
        return getattr(self, self._held)(*inputs)


class _One(_Wrapper):
    def forward(self, first: Any) -> Any:
        return self.call(first)


class _Two(_Wrapper):
    def forward(self, first: Any, second: Any) -> Any:
        return self.call(first, second)


class _Three(_Wrapper):
    def forward(self, first: Any, second: Any, third: Any) -> Any:
        return self.call(first, second, third)


#: By the number of arguments.
WRAPPERS: dict[int, type[_Wrapper]] = {1: _One, 2: _Two, 3: _Three}
