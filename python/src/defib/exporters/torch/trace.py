"""From a module to an fx graph, symbolically."""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any
from unittest import mock

import torch
from torch import fx, nn
from torch.nn.utils import parametrizations, parametrize

from ..._errors import ExportError
from . import sources
from .composites import FORWARDS
from .registry import is_known_module
from .undisturbed import without_stand_ins
from .unlisted import Registry, kept

Forward = Any


_FACTORIES = (
    torch.zeros, torch.ones, torch.full, torch.arange, torch.linspace, torch.eye, torch.rand,
    torch.randn,
)  # fmt: skip


#: Marks nodes that were traced without gradients: what disabled them.
WITHOUT_GRADIENT = "defib_without_gradient"
#: What does so by rule: the values go on, and no gradient comes back.
NO_GRAD = "torch.no_grad"


#: The mark of an output whose graph was traced for one size of the batch.
FIXED_BATCH = "defib_fixed_batch"


class TraceError(ExportError):
    """A module cannot be turned into a graph in this way."""

    def __init__(self, message: str, *, inside: str = "", branches: str = "") -> None:
        super().__init__(message)
        #: the module in which the tracing stood
        self.inside = inside
        #: the condition by which `forward` takes one path or another, where that is known
        self.branches = branches


class Tracer(fx.Tracer):
    """Traces into everything but the modules of torch.nn, and knows where it stands."""

    def __init__(self, registry: Registry | None = None) -> None:
        super().__init__(autowrap_functions=_FACTORIES, param_shapes_constant=True)
        # Factories take no tensor that would tell them of the tracing, only its sizes.
        self._autowrap_search.append(torch)
        #: custom autograd functions that the tracing went through
        self.met: list[str] = []
        #: what the model does not list
        self.registry = registry
        self._back: Callable[[], None] = lambda: None
        #: ids of the tensors that the model kept before the tracing, as states of the last batch
        self._kept: set[int] = set()

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Whether a module is one node: those of torch.nn that have a handler, or none at all."""
        if isinstance(m, parametrizations._SpectralNorm):
            return True
        if type(m) in FORWARDS or parametrize.is_parametrized(m):
            return False
        if type(m).__module__ == parametrize.__name__ or "parametrizations" in type(m).__module__:
            return False
        if isinstance(m, nn.modules.loss._Loss):
            return False  # one of the functions of torch.nn.functional, by its settings
        return is_known_module(m) or super().is_leaf_module(m, module_qualified_name)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        """Make a buffer a node too, so that `self.mask[:, : x.size(1)]` can be traced."""
        if isinstance(attr_val, torch.Tensor) and not isinstance(attr_val, nn.Parameter):
            for name, buffer in self.root.named_buffers():
                if buffer is attr_val:
                    if name not in parameter_proxy_cache:
                        parameter_proxy_cache[name] = self.create_proxy("get_attr", name, (), {})
                    return parameter_proxy_cache[name]
        path = self._unlisted(attr_val) if isinstance(attr_val, torch.Tensor) else None
        if path is not None:
            if path not in parameter_proxy_cache:
                parameter_proxy_cache[path] = self.create_proxy("get_attr", path, (), {})
            return parameter_proxy_cache[path]
        return super().getattr(attr, attr_val, parameter_proxy_cache)

    def path_of_module(self, mod: nn.Module) -> str:
        """Return the path of a module; of one that the model does not list, that of the registry.

        Raises:
            NameError: there is no registry, and the model does not list it.
        """
        try:
            return super().path_of_module(mod)
        except NameError:
            path = self.registry and self.registry.path(mod, new=True)
            if not path:
                raise
            return path

    def create_args_for_root(self, *args: Any, **kwargs: Any) -> Any:
        """Make the arguments of `forward`, and stand-ins for the tensors that are not listed."""
        result = super().create_args_for_root(*args, **kwargs)
        self._kept = {id(tensor) for tensor in kept(self.root)}
        if self.registry is not None:
            self._back = self.registry.put(lambda path: self.create_proxy("get_attr", path, (), {}))
        return result

    def put_back(self) -> None:
        """Give the model its own tensors again, and forget those that nothing used."""
        self._back()
        for node in list(getattr(self, "graph", fx.Graph()).nodes):
            unlisted = self.registry is not None and self.registry.is_path(str(node.target))
            if node.op == "get_attr" and unlisted and not node.users:
                node.graph.erase_node(node)

    def create_arg(self, a: Any) -> Any:
        """Make a node of a tensor that the model does not list.

        Raises:
            TraceError: a tensor was computed from one that is trained, before any input came in.
        """
        if isinstance(a, torch.Tensor):
            path = self._unlisted(a)
            if path is not None:
                return self.create_node("get_attr", path, (), {})
            if a.requires_grad and not a.is_leaf and id(a) not in self._kept:
                raise TraceError("computes with trained tensors outside of the graph")
        return super().create_arg(a)

    def _unlisted(self, tensor: torch.Tensor) -> str | None:
        if self.registry is None or not tensor.requires_grad or not tensor.is_leaf:
            return None
        if any(tensor is each for each in self.root.parameters()):
            return None
        return self.registry.path(tensor, new=True)

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
        node.meta[sources.SOURCE] = sources.here()
        if not torch.is_grad_enabled():
            function = _function_around()
            node.meta[WITHOUT_GRADIENT] = function or NO_GRAD
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


def trace(
    root: nn.Module, constants: Mapping[str, Any], registry: Registry
) -> tuple[fx.Graph, list[str]]:
    """Trace the module symbolically; also return what it found that a graph hides.

    What the module does not list has the paths of `registry`.

    Raises:
        TraceError: the path through `forward` depends on the data, or Python hides it from fx.
    """
    tracer = Tracer(registry)
    try:
        with (
            without_stand_ins(root, fx.Proxy), mock.patch.object(builtins, "len", _length),
            mock.patch.object(nn.utils.rnn, "pack_padded_sequence", _packed),
        ):  # fmt: skip
            try:
                graph = tracer.trace(root, concrete_args=dict(constants) or None)
            finally:
                tracer.put_back()
            _without_keywords(graph)
            return graph, tracer.met
    except Exception as error:
        raise TraceError(
            f"{tracer.inside}: its forward cannot be traced by torch.fx ({first_line(error)}); "
            "the path through it must not depend on the values of tensors",
            inside=tracer.inside,
        ) from error


def without_readings(graph: fx.Graph) -> None:
    """Take numbers out that are read for a log and used by nothing else, as by `loss.item()`."""
    for node in reversed(list(graph.nodes)):
        if node.op == "call_method" and node.target in _READINGS and not node.users:
            graph.erase_node(node)


#: Methods that only read a tensor.
_READINGS = frozenset({"item", "tolist", "detach", "cpu", "numpy", "mean", "float"})


def _without_keywords(graph: fx.Graph) -> None:
    """Take away the placeholder of **kwargs, which nothing fills.

    Raises:
        TraceError: they go on to another function.
    """
    for node in list(graph.nodes):
        if node.op == "placeholder" and str(node.target).startswith("**"):
            if node.users:
                raise TraceError(f"{node.target} of forward go on to another function")
            graph.erase_node(node)


_len = builtins.len


def _length(value: Any) -> Any:
    """Return the length of anything; of a tensor that is traced, a node that asks for it."""
    if isinstance(value, fx.Proxy):
        return value.tracer.create_proxy("call_function", _len, (value,), {})
    return _len(value)


def _packed(*_: Any, **__: Any) -> Any:
    raise TraceError(
        "packs sequences of different lengths; give the recurrence the padded ones, and take the "
        "last step of each with h[torch.arange(len(h)), lengths - 1]"
    )


def function_name(function: type) -> str:
    """Return what messages call a custom autograd function."""
    return f"the custom autograd function {function.__name__}"


def _function_around() -> str:
    """Name the custom autograd function whose forward is being traced, without gradients."""
    code = torch.autograd.Function.apply.__func__.__code__  # type: ignore[attr-defined]
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code is code:
            return function_name(frame.f_locals["cls"])
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its name."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
