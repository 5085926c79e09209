"""From a module to an fx graph, and the shapes of everything in it, without computing anything."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import fx, nn
from torch.func import functional_call

from .._errors import ExportError
from .arrays import Array

#: Shapes are worked out for two sizes of the batch: what differs, follows the batch.
BATCHES = (7, 11)


class Tracer(fx.Tracer):
    """Traces into everything but the modules of torch.nn, and knows where it stands."""

    def __init__(self) -> None:
        super().__init__(param_shapes_constant=True)

    @property
    def inside(self) -> str:
        """The module in which the tracing stands, for messages."""
        if not self.module_stack:
            return "the model"
        path, kind = next(reversed(self.module_stack.values()))
        return f"{path} ({getattr(kind, '__name__', kind)})"


@contextmanager
def training_mode(model: nn.Module, training: bool) -> Iterator[None]:
    """Put every module into one mode, and back into its own afterwards."""
    before = [(module, module.training) for module in model.modules()]
    try:
        for module, _ in before:
            module.training = training
        yield
    finally:
        for module, mode in before:
            module.training = mode


def forward_names(model: nn.Module) -> list[str]:
    """Return the names of the arguments of `forward`."""
    return list(inspect.signature(model.forward).parameters)


def input_names(model: nn.Module, x: Any) -> tuple[list[str], dict[str, Any]]:
    """Tell which arguments of `forward` the data feeds, and the defaults of the others."""
    parameters = list(inspect.signature(model.forward).parameters.values())
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ExportError(
                f"forward of {type(model).__name__} takes {parameter}; name its arguments"
            )
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
        if len(required) <= 1 and number > 1 and not all(_has_rows(item) for item in x):
            given = names[:1]  # rows of numbers, not arrays
    if not given:
        raise ExportError(f"forward of {type(model).__name__} takes no input")
    rest = {p.name: p.default for p in parameters if p.name not in given}
    return given, rest


def _has_rows(item: object) -> bool:
    return len(getattr(item, "shape", ())) >= 2


def trace(root: nn.Module, constants: Mapping[str, Any]) -> fx.Graph:
    """Trace the module.

    Raises:
        ExportError: the path through `forward` depends on the data, or Python hides it from fx.
    """
    tracer = Tracer()
    try:
        return tracer.trace(root, concrete_args=dict(constants) or None)
    except Exception as error:
        raise ExportError(
            f"{tracer.inside}: its forward cannot be traced by torch.fx ({_first_line(error)}); "
            "the path through it must not depend on the values of tensors"
        ) from error


class _Shapes(fx.Interpreter):
    """Runs a graph on the meta device: shapes alone, no memory, no random numbers, no state."""

    def __init__(self, model: nn.Module, graph: fx.Graph) -> None:
        super().__init__(model, garbage_collect_values=False, graph=graph)
        self.values: dict[str, Any] = {}

    def run_node(self, n: fx.Node) -> Any:
        if n.op == "call_function" and getattr(n.target, "__name__", "").startswith("_assert"):
            return None
        try:
            value = super().run_node(n)
        except Exception as error:
            raise ShapeError(n, _first_line(error)) from error
        self.values[n.name] = value
        return value

    def fetch_attr(self, target: str) -> Any:
        value = super().fetch_attr(target)
        return value.detach().to("meta") if isinstance(value, torch.Tensor) else value

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        module = self.fetch_attr(target)
        held = {**dict(module.named_parameters()), **dict(module.named_buffers())}
        meta = {name: tensor.detach().to("meta") for name, tensor in held.items()}
        return functional_call(module, meta, args, kwargs)


class ShapeError(Exception):
    """A node does not fit what it gets."""

    def __init__(self, node: fx.Node, reason: str) -> None:
        super().__init__(reason)
        self.node, self._reason = node, reason

    def __str__(self) -> str:
        return self._reason  # the interpreter appends its own traceback to the arguments


def shapes(
    root: nn.Module, graph: fx.Graph, feeds: Sequence[Array | None], constants: Sequence[Any]
) -> list[dict[str, Any]]:
    """Return the value (a tensor without data, or a number) of each node, for each batch size.

    `feeds` has an entry for each placeholder: the array that feeds it, or None where `constants`
    has its default.
    """
    kinds = {p.dtype for p in root.parameters() if p.dtype.is_floating_point}
    floating = kinds.pop() if len(kinds) == 1 else torch.float32
    result = []
    for batch in BATCHES:
        interpreter = _Shapes(root, graph)
        arguments = [
            constant if array is None else _meta(array, batch, floating)
            for array, constant in zip(feeds, constants, strict=True)
        ]
        with torch.no_grad():
            interpreter.run(*arguments, enable_io_processing=False)
        result.append(interpreter.values)
    return result


def _meta(array: Array, batch: int, floating: torch.dtype) -> torch.Tensor:
    kinds = {"b": torch.bool, "i": torch.int64, "u": torch.int64, "f": floating}
    shape = (batch, *array.shape[1:])
    return torch.empty(shape, dtype=kinds[array.dtype.kind], device="meta")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
