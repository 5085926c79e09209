"""From a module to an fx graph: symbolically, or by way of torch.export."""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import fx, nn
from torch.nn.utils import parametrize

from ..._errors import ExportError
from .composites import FORWARDS
from .registry import is_known_module, target_name
from .undisturbed import without_stand_ins

Forward = Any


_FACTORIES = (
    torch.zeros, torch.ones, torch.full, torch.arange, torch.linspace, torch.eye, torch.rand,
    torch.randn,
)  # fmt: skip


#: Marks nodes that were traced without gradients: what disabled them.
WITHOUT_GRADIENT = "defib_without_gradient"


#: The mark of an output whose graph was traced for one size of the batch.
FIXED_BATCH = "defib_fixed_batch"


class TraceError(ExportError):
    """A module cannot be turned into a graph in this way."""


class Tracer(fx.Tracer):
    """Traces into everything but the modules of torch.nn, and knows where it stands."""

    def __init__(self) -> None:
        super().__init__(autowrap_functions=_FACTORIES, param_shapes_constant=True)
        # Factories take no tensor that would tell them of the tracing, only its sizes.
        self._autowrap_search.append(torch)
        #: custom autograd functions that the tracing went through
        self.met: list[str] = []

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Whether a module is one node: those of torch.nn that have a handler, or none at all."""
        if type(m) in FORWARDS or parametrize.is_parametrized(m):
            return False
        if type(m).__module__ == parametrize.__name__ or "parametrizations" in type(m).__module__:
            return False
        return is_known_module(m) or super().is_leaf_module(m, module_qualified_name)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        """Make a buffer a node too, so that `self.mask[:, : x.size(1)]` can be traced."""
        if isinstance(attr_val, torch.Tensor) and not isinstance(attr_val, nn.Parameter):
            for name, buffer in self.root.named_buffers():
                if buffer is attr_val:
                    if name not in parameter_proxy_cache:
                        parameter_proxy_cache[name] = self.create_proxy("get_attr", name, (), {})
                    return parameter_proxy_cache[name]
        return super().getattr(attr, attr_val, parameter_proxy_cache)

    def call_module(
        self, m: nn.Module, forward: Forward, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Trace a module, with a plain forward pass where torch.nn's own looks at the data."""
        if type(m) in FORWARDS:
            forward = functools.partial(FORWARDS[type(m)], m)
        return super().call_module(m, forward, args, kwargs)

    def create_node(self, *args: Any, **kwargs: Any) -> fx.Node:
        """Note which nodes stand in a region without gradients, which a graph does not show."""
        node = super().create_node(*args, **kwargs)
        if not torch.is_grad_enabled():
            function = _function_around()
            node.meta[WITHOUT_GRADIENT] = function or "torch.no_grad"
            if function and function not in self.met:
                self.met.append(function)
        return node

    @property
    def inside(self) -> str:
        """The module in which the tracing stands, for messages."""
        if not self.module_stack:
            return "the model"
        path, kind = next(reversed(self.module_stack.values()))
        return f"{path} ({getattr(kind, '__name__', kind)})"


def trace(root: nn.Module, constants: Mapping[str, Any]) -> tuple[fx.Graph, list[str]]:
    """Trace the module symbolically; also return what it found that a graph hides.

    Raises:
        TraceError: the path through `forward` depends on the data, or Python hides it from fx.
    """
    tracer = Tracer()
    try:
        with without_stand_ins(root, fx.Proxy):
            return tracer.trace(root, concrete_args=dict(constants) or None), tracer.met
    except Exception as error:
        raise TraceError(
            f"{tracer.inside}: its forward cannot be traced by torch.fx ({first_line(error)}); "
            "the path through it must not depend on the values of tensors"
        ) from error


def _named(function: type) -> str:
    return f"the custom autograd function {function.__name__}"


def _function_around() -> str:
    """Name the custom autograd function whose forward is being traced, without gradients."""
    code = torch.autograd.Function.apply.__func__.__code__  # type: ignore[attr-defined]
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code is code:
            return _named(frame.f_locals["cls"])
        frame = frame.f_back  # type: ignore[assignment]
    return ""


@contextmanager
def _noting_functions() -> Iterator[list[str]]:
    """Collect the custom autograd functions that torch.export goes through without a trace."""
    met: list[str] = []
    held = vars(torch.autograd.Function)["apply"]

    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if _named(cls) not in met:
            met.append(_named(cls))
        return held.__func__(cls, *args, **kwargs)

    torch.autograd.Function.apply = classmethod(apply)  # type: ignore[method-assign,assignment]
    try:
        yield met
    finally:
        torch.autograd.Function.apply = held  # type: ignore[method-assign]


def export(
    root: nn.Module, examples: Sequence[torch.Tensor | Any]
) -> tuple[nn.Module, fx.Graph, list[str]]:
    """Trace the module with torch.export, which follows Python through shapes and loops.

    `examples` has a tensor, or the default, for each argument of `forward`. Returns the module
    that holds the parameters of the graph, under the names of the original's, the graph, and what
    it hides.

    Raises:
        TraceError: torch.export is missing or cannot follow `forward` either.
    """
    try:
        from torch.export import Dim
        from torch.export import export as torch_export
    except ImportError as error:
        raise TraceError("torch.export is missing; it came with torch 2.1") from error
    shapes = tuple({0: Dim.AUTO} if isinstance(e, torch.Tensor) else None for e in examples)
    try:
        with warnings.catch_warnings(), torch.enable_grad(), _noting_functions() as met:
            warnings.simplefilter("ignore")
            program = torch_export(root, tuple(examples), dynamic_shapes=shapes, strict=False)
            module = program.module()
    except Exception as error:
        raise TraceError(f"torch.export: {first_line(error)}") from error
    if not isinstance(module, fx.GraphModule):
        raise TraceError("torch.export gave no graph")
    fixed = _check_batch(program)
    for node in list(module.graph.nodes):
        if node.op == "output":
            node.meta[FIXED_BATCH] = fixed
        if node.op == "call_module" and str(node.target).startswith("_guards"):
            module.graph.erase_node(node)
    module.graph.eliminate_dead_code(_has_effect)
    return module, module.graph, met


def _check_batch(program: Any) -> bool:
    """Refuse a graph of which a part holds for some sizes of the batch; say if one is fixed.

    Views of the right length may fix it and do no harm, so what comes out decides (see `walk`).

    Raises:
        TraceError: `forward` takes another path for other sizes.
    """
    inputs, fixed = set(program.graph_signature.user_inputs), False
    for node in program.graph.nodes:
        value = node.meta.get("val")
        shape = getattr(value, "shape", ())
        if node.op != "placeholder" or node.name not in inputs or not shape:
            continue
        size = shape[0]
        if isinstance(size, int) or not size.node.expr.free_symbols:
            fixed = True
            continue
        symbol = size.node.expr
        for guard in size.node.shape_env.guards:
            if symbol in guard.expr.free_symbols and _bounds(guard.expr, symbol):
                raise TraceError(
                    "torch.export: the path through forward depends on the size of the batch "
                    f"({str(guard.expr).replace(str(symbol), 'x.shape[0]')})"
                )
    return fixed


def _bounds(condition: Any, symbol: Any) -> bool:
    """Whether a condition on the batch holds for some sizes of 2 or more, and not for others."""
    if condition.free_symbols != {symbol}:
        return False
    held = {bool(condition.subs(symbol, size)) for size in (*range(2, 70), *_sizes(condition))}
    return len(held) > 1


def _sizes(condition: Any) -> list[int]:
    """Return sizes around every number in a condition."""
    numbers = [int(n) for n in condition.atoms() if n.is_Integer]
    return [n + step for n in numbers for step in (-1, 0, 1) if n + step >= 2]


def _has_effect(node: fx.Node) -> bool:
    """Whether a node matters although nothing uses it: it changes a tensor, but no buffer."""
    if node.op in ("placeholder", "output"):
        return True
    first = node.args[0] if node.args else None
    changes = node.op == "call_function" and target_name(node).endswith("_")
    return changes and isinstance(first, fx.Node) and first.op != "get_attr"


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its name."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
