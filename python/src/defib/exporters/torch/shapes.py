"""The shapes of everything in a graph, without computing anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import fx, nn
from torch.func import functional_call
from torch.nn import functional as F  # noqa: N812

from ..arrays import Array
from .trace import first_line
from .unwrap import own_dtype

#: Shapes are worked out for two sizes of the batch: what differs, follows the batch.
BATCHES = (7, 11)


class ShapeError(Exception):
    """A node does not fit what it gets."""

    def __init__(self, node: fx.Node, reason: str, given: tuple[int, ...] = ()) -> None:
        super().__init__(reason)
        #: `given`: the shape of its first argument
        self.node, self._reason, self.given = node, reason, given

    def __str__(self) -> str:
        return self._reason  # the interpreter appends its own traceback to the arguments


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
            raise ShapeError(n, first_line(error), self._given(n)) from error
        self.values[n.name] = value
        return value

    def _given(self, node: fx.Node) -> tuple[int, ...]:
        first = node.args[0] if node.args else None
        value = self.values.get(first.name) if isinstance(first, fx.Node) else None
        return tuple(value.shape) if isinstance(value, torch.Tensor) else ()

    def fetch_attr(self, target: str) -> Any:
        value = super().fetch_attr(target)
        return value.detach().to("meta") if isinstance(value, torch.Tensor) else value

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        if target is torch.ops.aten.view.default:
            # Strides on the meta device are not those of the device on which the model ran.
            target = torch.ops.aten.reshape.default
        args = tuple(torch.device("meta") if isinstance(a, torch.device) else a for a in args)
        if target is F.gaussian_nll_loss:  # it looks for variances below 0
            held = args[0] - args[1]
            return held if kwargs.get("reduction") == "none" else held.mean()
        return super().call_function(target, args, _on_meta(kwargs))

    def call_method(self, target: Any, args: Any, kwargs: Any) -> Any:
        if target in ("cpu", "cuda"):
            return args[0]
        if target == "to":
            args = tuple(a for a in args if not isinstance(a, (torch.device, str)))
            kwargs = {k: v for k, v in kwargs.items() if k != "device"}
            if len(args) == 1 and not kwargs:
                return args[0]
        return super().call_method(target, args, _on_meta(kwargs))

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        module = self.fetch_attr(target)
        held = {**dict(module.named_parameters()), **dict(module.named_buffers())}
        meta = {name: _without_data(tensor) for name, tensor in held.items()}
        return functional_call(module, meta, args, kwargs)


def _without_data(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor on the meta device; a counter stays, because modules read it."""
    if tensor.ndim == 0 and not tensor.is_floating_point():
        return tensor.detach().cpu().clone()
    return tensor.detach().to("meta")


def _on_meta(kwargs: dict[str, Any]) -> dict[str, Any]:
    return kwargs | {"device": torch.device("meta")} if kwargs.get("device") else kwargs


def shapes(
    root: nn.Module, graph: fx.Graph, feeds: Sequence[Array | None], constants: Sequence[Any]
) -> list[dict[str, Any]]:
    """Return the value (a tensor without data, or a number) of each node, for each batch size.

    `feeds` has an entry for each placeholder: the array that feeds it, or None where `constants`
    has its default.

    Raises:
        ShapeError: a node does not fit what it gets.
    """
    try:
        return [_run(root, graph, feeds, constants, batch, False) for batch in BATCHES]
    except ShapeError:
        # A script turns whole numbers into floats before a layer that needs those.
        if not any(array is not None and array.dtype.kind in "iub" for array in feeds):
            raise
        try:
            return [_run(root, graph, feeds, constants, batch, True) for batch in BATCHES]
        except ShapeError:
            pass
        raise


def _run(
    root: nn.Module, graph: fx.Graph, feeds: Sequence[Array | None], constants: Sequence[Any],
    batch: int, as_floats: bool,
) -> dict[str, Any]:  # fmt: skip
    floating = own_dtype(root)
    interpreter = _Shapes(root, graph)
    arguments = [
        constant if array is None else example(array, batch, floating, as_floats, "meta")
        for array, constant in zip(feeds, constants, strict=True)
    ]
    with torch.no_grad(), torch.device("meta"):
        interpreter.run(*arguments, enable_io_processing=False)
    return interpreter.values


def example(
    array: Array, batch: int, floating: torch.dtype, as_floats: bool, device: str
) -> torch.Tensor:
    """Return a tensor of the kind of an array, with another number of rows."""
    kinds = {"b": torch.bool, "i": torch.int64, "u": torch.int64, "f": floating}
    kind = floating if as_floats else kinds[array.dtype.kind]
    return torch.zeros((batch, *array.shape[1:]), dtype=kind, device=device)
