"""Walks an fx graph node by node, and gathers everything that it cannot express."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import fx

from ..._errors import ExportError
from . import ops, sources  # noqa: F401 - ops fills the tables
from .call import Call
from .changing import follow
from .folding import fold
from .lowering import Lowering
from .outputs import add_outputs, prune
from .refusal import MisfitError, describe, is_known, refusal, unknown
from .registry import in_place, lookup, module_handler
from .shapes import BATCHES, ShapeError
from .trace import FIXED_BATCH, NO_GRAD, WITHOUT_GRADIENT, TraceError

Values = Sequence[Mapping[str, Any]]


def write(
    lowering: Lowering, inputs: Sequence[str | None], shapes: Callable[[], Values]
) -> dict[str, str]:
    """Write every node into the run; return the outputs, what the user calls them -> tensor.

    `inputs` names the tensor of each placeholder; None: it is a default and feeds nothing.

    Raises:
        ExportError: one message for everything that cannot be expressed.
    """
    try:
        lowering.values = shapes()
    except ShapeError as error:
        problems = unknown(lowering)
        narrow = _narrow(lowering, error, inputs)
        if narrow:
            raise MisfitError(narrow) from error
        if not problems:
            raise MisfitError(
                f"{lowering.layers[error.node.name]}: does not fit what it gets: {error} (tried "
                f"with batches of {BATCHES[0]} and {BATCHES[1]} samples; a size of the batch must "
                f"come from the input, as in x.shape[0]){_carried(error.node, lowering.root)}"
            ) from error
        raise refusal(problems) from error
    stops, problems = _stopped(lowering)
    lost: set[fx.Node] = set()
    placeholders = iter(inputs)
    result: fx.Node | None = None
    for node in lowering.graph.nodes:
        if node.op == "placeholder":
            name = next(placeholders)
            if name is not None:
                lowering.names[node] = name
        elif node.op == "output":
            result = node
        elif _holds_tensor(lowering.values[0].get(node.name)):
            _write(lowering, node, problems, lost)
            source = sources.of(node)
            if source:
                lowering.document.sources.setdefault(lowering.layers[node.name], source)
            if node in stops and node in lowering.names:
                lowering.names[node] = _stop(lowering, node, lowering.names[node])
    if problems:
        raise refusal(problems)
    if result is None:
        raise ExportError("forward returns nothing")
    held = [node for node in result.all_input_nodes if _holds_tensor(lowering.values[0][node.name])]
    if result.meta.get(FIXED_BATCH) and not any(_follows(lowering, node) for node in held):
        raise TraceError(
            f"torch.export: forward fixes the size of the batch (here to {BATCHES[0]}), as a loop "
            "over the samples does"
        )
    outputs = add_outputs(lowering, result)
    prune(lowering)
    return outputs


def _carried(node: fx.Node, model: torch.nn.Module) -> str:
    """Say what a tensor that is kept on the module may be; empty where the node takes none."""
    parameters = dict(model.named_parameters())
    given = [each.target for each in node.all_input_nodes if each.op == "get_attr"]
    if not any(target not in parameters for target in given):
        return ""
    return (
        ". It takes a tensor that is kept on the module and has the size of one batch, such as a "
        "state that is carried from batch to batch: rows that are shuffled are no continuation of "
        "those before. Leave it out, so that every batch begins without a state, or hand it to "
        "forward as an input"
    )


#: What a module says of the length of an axis that it takes: attribute -> axis from the front,
#: or from the end, and what it is called.
_TAKEN = {"in_features": (-1, "columns"), "in_channels": (1, "channels"),
          "input_size": (-1, "columns"), "num_features": (1, "columns")}  # fmt: skip


def _narrow(lowering: Lowering, error: ShapeError, inputs: Sequence[str | None]) -> str:
    """Say that a layer takes another number of columns than it gets; empty: that is not it."""
    node = error.node
    if node.op != "call_module":
        return ""
    owner = lowering.root.get_submodule(str(node.target))
    for attribute, (axis, what) in _TAKEN.items():
        wanted = getattr(owner, attribute, None)
        if not isinstance(wanted, int) or len(error.given) < 2 or error.given[axis] == wanted:
            continue
        first = node.args[0]
        places = [held for held in lowering.graph.nodes if held.op == "placeholder"]
        is_input = isinstance(first, fx.Node) and first in places[: len(inputs)]
        layer, found = lowering.layers[node.name], error.given[axis]
        what = what if found != 1 else what.removesuffix("s")
        if not is_input:
            return f"layer {layer} gets {found} {what}, and takes {wanted}"
        source = inputs[places.index(first)]
        return f"{source} has {found} {what}, layer {layer} takes {wanted}"
    return ""


def _stopped(lowering: Lowering) -> tuple[set[fx.Node], list[str]]:
    """Find every value with a gradient that leaves a region without gradients.

    Return the nodes after which the gradient stops, and descriptions of those at which it does
    something else.
    """
    flows: set[fx.Node] = set()
    stops: set[fx.Node] = set()
    problems = []
    for node in lowering.graph.nodes:
        value = lowering.values[0].get(node.name)
        floating = isinstance(value, torch.Tensor) and value.is_floating_point()
        # No gradient goes through a comparison.
        carries = floating or not isinstance(value, torch.Tensor)
        if carries and (_trains(lowering, node) or flows.intersection(node.all_input_nodes)):
            flows.add(node)
        reason = node.meta.get(WITHOUT_GRADIENT)
        leaves = any(not user.meta.get(WITHOUT_GRADIENT) for user in node.users)
        if not reason or node not in flows:
            continue
        changes = node.op != "get_attr" and in_place(node, lowering.root)
        if reason == NO_GRAD and not changes:
            # What it gets may go on outside, so it is the values that leave which are stopped.
            if leaves and node.op != "get_attr" and _holds_tensor(value):
                stops.add(node)
        elif floating and (leaves or changes):
            problems.append(
                f"{describe(lowering, node)} is computed in {reason}, which changes its gradient "
                "in a way that no run can express"
            )
    return stops, problems


def _stop(lowering: Lowering, node: fx.Node, written: Any) -> Any:
    """Write what lets values on and no gradient back; of several tensors for each."""
    if isinstance(written, tuple):
        return tuple(_stop(lowering, node, each) for each in written)
    if not isinstance(written, str):
        return written
    return Call(lowering, node).emit("StopGradient", written, part="stopped")


def _trains(lowering: Lowering, node: fx.Node) -> bool:
    if node.op == "call_module":
        owner = lowering.root.get_submodule(str(node.target))
        return any(parameter.requires_grad for parameter in owner.parameters())
    if node.op != "get_attr":
        return False
    owner_path, _, attribute = str(node.target).rpartition(".")
    value = getattr(lowering.root.get_submodule(owner_path), attribute, None)
    return isinstance(value, torch.Tensor) and value.requires_grad


def _write(lowering: Lowering, node: fx.Node, problems: list[str], lost: set[fx.Node]) -> None:
    """Write one node; note what cannot be written, and skip what depends on it."""
    if not is_known(lowering, node):
        # A constant can be worked out with torch itself, whatever makes it.
        if lost.intersection(node.all_input_nodes) or not fold(lowering, node):
            lost.add(node)
            problems.append(describe(lowering, node))
        return
    if lost.intersection(node.all_input_nodes):
        lost.add(node)
        return
    try:
        if not fold(lowering, node):
            _handle(lowering, node)
    except ExportError as error:
        lost.add(node)
        problems.append(f"{describe(lowering, node)} {error}")
    except (TypeError, KeyError) as error:
        lost.add(node)
        problems.append(f"{describe(lowering, node)} is called in a way that is not known: {error}")


def _handle(lowering: Lowering, node: fx.Node) -> None:
    if node.op == "get_attr":
        _attribute(lowering, node)
        return
    call = Call(lowering, node)
    if node.op == "call_module":
        owner = lowering.root.get_submodule(str(node.target))
        held = module_handler(owner)
        handler = held and functools.partial(held, call, owner)
    else:
        held = lookup(node)
        handler = held and functools.partial(held, call)
    if handler is None:
        raise ExportError("is not known")
    written = handler(*node.args, **node.kwargs)
    if written is not None:
        lowering.names[node] = written
    follow(lowering, node)


def _attribute(lowering: Lowering, node: fx.Node) -> None:
    path = str(node.target)
    held = {**dict(lowering.root.named_buffers(remove_duplicate=False))}
    if (
        path in lowering.tensors
        or lowering.registry.is_path(path)
        or (path in held and "lifted_tensor" not in path)
    ):
        lowering.names[node] = lowering.attribute(path)
        return
    owner, _, attribute = path.rpartition(".")
    value = getattr(lowering.root.get_submodule(owner), attribute)
    unlisted = lowering.registry.at(value)
    if unlisted is not None:
        lowering.names[node] = lowering.attribute(unlisted)
        return
    lowering.constants[node] = value.detach().cpu()


def _follows(lowering: Lowering, node: fx.Node) -> bool:
    """Whether an output has the size of the batch; of several tensors in one that is not known."""
    value = lowering.values[0][node.name]
    return not isinstance(value, torch.Tensor) or None in lowering.shape(node)


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_tensor(item) for item in value)
    return isinstance(value, torch.Tensor)
