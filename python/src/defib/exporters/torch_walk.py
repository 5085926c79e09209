"""Walks an fx graph node by node, and gathers everything that it cannot express."""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import fx

from .._errors import ExportError
from .arrays import as_array
from .torch_functions import FUNCTIONS, IN_PLACE, METHODS
from .torch_lower import Call, Lowering, operator
from .torch_modules import MODULES
from .torch_trace import BATCHES, ShapeError

Values = Sequence[Mapping[str, Any]]

#: What asks a tensor for a number and gives no tensor.
_QUESTIONS = {"size", "dim", "ndimension", "numel", "getattr", "getitem", "shape"}


def walk(
    lowering: Lowering, inputs: Sequence[str | None], shapes: Callable[[], Values]
) -> dict[str, str]:
    """Write every node into the run; return the outputs, what the user calls them -> tensor.

    `inputs` names the tensor of each placeholder; None: it is a default and feeds nothing.

    Raises:
        ExportError: one message for everything that cannot be expressed.
    """
    problems: list[str] = []
    try:
        lowering.values = shapes()
    except ShapeError as error:
        problems = _unknown(lowering)
        if not problems:
            raise ExportError(
                f"{lowering.layers[error.node.name]}: does not fit what it gets: {error} (tried "
                f"with batches of {BATCHES[0]} and {BATCHES[1]} samples; a size of the batch must "
                "come from the input, as in x.shape[0])"
            ) from error
        raise _refusal(problems) from error
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
            if lost.intersection(node.all_input_nodes):
                lost.add(node)
                if not _container_item(lowering, node) and _handler(lowering, node) is None:
                    problems.append(_describe(lowering, node))
                continue
            try:
                _write(lowering, node)
            except (ExportError, TypeError) as error:
                lost.add(node)
                reason = "" if isinstance(error, _UnknownError) else f" {error}"
                problems.append(_describe(lowering, node) + reason)
    if problems:
        raise _refusal(problems)
    if result is None:
        raise ExportError("forward returns nothing")
    return _outputs(lowering, result.args[0])


class _UnknownError(ExportError):
    """There is no operator for a node."""


def _write(lowering: Lowering, node: fx.Node) -> None:
    if node.op == "get_attr":
        lowering.names[node] = _attribute(lowering, str(node.target))
        return
    handler = _handler(lowering, node)
    if handler is None:
        raise _UnknownError("")
    name = handler(Call(lowering, node), *node.args, **node.kwargs)
    if name:
        lowering.names[node] = name
    first = node.args[0] if node.args else None
    if isinstance(first, fx.Node) and _in_place(lowering, node):
        lowering.names[first] = name


def _handler(lowering: Lowering, node: fx.Node) -> Callable[..., str] | None:
    if node.op == "call_module":
        module = lowering.root.get_submodule(str(node.target))
        written = MODULES.get(type(module))
        return written and (lambda call, *args, **kwargs: written(call, module, *args, **kwargs))
    if node.op == "call_method":
        return METHODS.get(str(node.target))
    return FUNCTIONS.get(node.target)


def _in_place(lowering: Lowering, node: fx.Node) -> bool:
    if node.op == "call_module":
        module = lowering.root.get_submodule(str(node.target))
        return bool(getattr(module, "inplace", False))
    return node.target in IN_PLACE or bool(node.kwargs.get("inplace", False))


def _attribute(lowering: Lowering, path: str) -> str:
    """Name the tensor behind an attribute; buffers come into the run when they are first used."""
    if path not in lowering.tensors:
        owner, _, attribute = path.rpartition(".")
        value = getattr(lowering.root.get_submodule(owner), attribute)
        name = path.removeprefix(lowering.prefix)
        lowering.tensors[path] = lowering.document.add_parameter(
            name, as_array(value, f"buffer {name}"), trainable=False
        )
    return lowering.tensors[path]


def _outputs(lowering: Lowering, returned: Any) -> dict[str, str]:
    document = lowering.document
    outputs: dict[str, str] = {}
    for key, value in _leaves("", returned):
        if not isinstance(value, fx.Node) or value not in lowering.names:
            raise ExportError(f"forward returns {value}; expected tensors that it computed")
        tensor = lowering.names[value]
        computed = any(tensor in node["outputs"] for node in document.nodes)
        if not computed or tensor in document.outputs:
            name = key or "output"
            tensor = document.add_node("Identity", [tensor], layer=name)
        document.outputs.append(tensor)
        outputs[key if key and key not in outputs else tensor] = tensor
    if not outputs:
        raise ExportError("forward returns no tensor")
    return outputs


def _leaves(key: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [leaf for name, item in value.items() for leaf in _leaves(str(name), item)]
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in _leaves("", item)]
    return [] if value is None else [(key, value)]


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_tensor(item) for item in value)
    return isinstance(value, torch.Tensor)


def _container_item(lowering: Lowering, node: fx.Node) -> bool:
    """Whether a node only takes one of the several results of another."""
    source = node.args[0] if node.args else None
    return (
        node.target is op.getitem
        and isinstance(source, fx.Node)
        and isinstance(lowering.values[0].get(source.name), (list, tuple))
    )


def _unknown(lowering: Lowering) -> list[str]:
    return [
        _describe(lowering, node)
        for node in lowering.graph.nodes
        if node.op in ("call_module", "call_method", "call_function")
        and operator(node) not in _QUESTIONS
        and not operator(node).startswith("assert")
        and _handler(lowering, node) is None
    ]


def _describe(lowering: Lowering, node: fx.Node) -> str:
    what = operator(node)
    if node.op == "call_module":
        what = type(lowering.root.get_submodule(str(node.target))).__name__
    return f"{lowering.layers[node.name]}: {what}"


def _refusal(problems: Sequence[str]) -> ExportError:
    listed = "\n".join(f"  {problem}" for problem in dict.fromkeys(problems))
    known = ", ".join(sorted({kind.__name__ for kind in MODULES}))
    return ExportError(
        f"the model cannot be replayed because of\n{listed}\nReplace these, or export the part "
        f"of the model without them. Known modules: {known}; also plain arithmetic and the "
        "functions of the same names"
    )
