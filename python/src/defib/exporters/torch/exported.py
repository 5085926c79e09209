"""From a module to an fx graph by way of torch.export."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import fx, nn

from .regions import inline
from .registry import target_name
from .trace import FIXED_BATCH, NO_GRAD, WITHOUT_GRADIENT, TraceError, first_line, function_name
from .undisturbed import same_attributes


@contextmanager
def _noting_functions() -> Iterator[list[str]]:
    """Collect the custom autograd functions that torch.export goes through without a trace."""
    met: list[str] = []
    held = vars(torch.autograd.Function)["apply"]

    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if function_name(cls) not in met:
            met.append(function_name(cls))
        return held.__func__(cls, *args, **kwargs)

    torch.autograd.Function.apply = classmethod(apply)  # type: ignore[method-assign,assignment]
    try:
        yield met
    finally:
        torch.autograd.Function.apply = held  # type: ignore[method-assign]


@contextmanager
def _silent() -> Iterator[None]:
    """Keep to itself what torch.export prints of its own graphs where it fails."""
    logger = logging.getLogger("torch")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    children = [
        held for name, held in logging.root.manager.loggerDict.items()
        if name.startswith("torch.") and isinstance(held, logging.Logger)
    ]  # fmt: skip
    levels = [(held, held.level) for held in children]
    try:
        for held in children:
            held.setLevel(logging.CRITICAL)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logger.setLevel(level)
        for held, before in levels:
            held.setLevel(before)


def export(
    root: nn.Module, examples: Mapping[str, torch.Tensor | Any], *, by_name: bool = False
) -> tuple[nn.Module, fx.Graph, list[str]]:
    """Trace the module with torch.export, which follows Python through shapes and loops.

    `examples` has a tensor, or the default, for each argument of `forward`, in order; with
    `by_name` for some of them. Returns the module
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
    sizes = {
        name: {0: Dim.AUTO} if isinstance(given, torch.Tensor) else None
        for name, given in examples.items()
    }
    shapes: Any = sizes if by_name else tuple(sizes.values())
    args = () if by_name else tuple(examples.values())
    named = dict(examples) if by_name else None
    try:
        with (
            warnings.catch_warnings(), torch.enable_grad(), _noting_functions() as met, _silent(),
            same_attributes(root),
        ):  # fmt: skip
            warnings.simplefilter("ignore")
            program = torch_export(root, args, named, dynamic_shapes=shapes, strict=False)
            module = program.module()
    except Exception as error:
        line = first_line(error)
        asked = _ASKED.search(line)
        raise TraceError(f"torch.export: {line}", branches=asked[1] if asked else "") from error
    if not isinstance(module, fx.GraphModule):
        raise TraceError("torch.export gave no graph")
    inline(module, WITHOUT_GRADIENT, NO_GRAD)
    fixed = _check_batch(program)
    for node in list(module.graph.nodes):
        if node.op == "output":
            node.meta[FIXED_BATCH] = fixed
        if node.op == "call_module" and str(node.target).startswith("_guards"):
            module.graph.erase_node(node)
    module.graph.eliminate_dead_code(_has_effect)
    return module, module.graph, met


#: How torch.export tells of a condition on values.
_ASKED = re.compile(r"data-dependent expression (\S.*?)(?: \(unhinted|\. |$)")


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
                condition = str(guard.expr).replace(str(symbol), "x.shape[0]")
                raise TraceError(
                    "torch.export: the path through forward depends on the size of the batch "
                    f"({condition})",
                    branches=condition,
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
