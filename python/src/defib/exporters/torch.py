"""Exports any torch.nn.Module that torch.fx can trace."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from .._errors import ExportError
from . import torch_loss, torch_optimizer
from .arrays import as_array, named_arrays
from .document import RunDocument
from .settings import Settings, add_data, add_initial, add_training, in_order
from .torch_lower import Lowering
from .torch_trace import Tracer, forward_names, input_names, shapes, trace, training_mode
from .torch_walk import walk


def build(model: nn.Module, x: Any, y: Any, settings: Settings) -> RunDocument:
    """Build the run of a module; the module's state and modes stay as they are.

    Raises:
        ExportError: the module cannot be traced, or holds operators that a run does not know.
    """
    if isinstance(model, torch.jit.ScriptModule):
        raise ExportError("a scripted module cannot be traced; export the module it was made of")
    document = RunDocument("pytorch", str(torch.__version__).split("+")[0])
    names, constants = input_names(model, x)
    root, prefix = _root(model)
    tensors, ids = _parameters(document, root, prefix)
    # torch.nn's own modules call their argument `input`; the user calls it x.
    inputs = [document.add_input("x" if names == ["input"] else name) for name in names]
    if isinstance(x, Mapping):
        x = [x[name] for name in names]
    arrays = named_arrays(x, inputs, "x")
    fed = dict(zip(names, arrays.values(), strict=True))
    with training_mode(model, settings.mode == "train"):
        graph = trace(root, {} if prefix else constants)
        order = names if prefix else [n for n in forward_names(model) if n in fed or n in constants]
        feeds = {name: fed.get(name) for name in order}
        defaults = [constants.get(name) for name in order]
        placeholders = dict(zip(names, inputs, strict=True))
        outputs = walk(
            Lowering(document, root, graph, tensors, prefix),
            [placeholders.get(name) for name in order],
            lambda: shapes(root, graph, list(feeds.values()), defaults),
        )
    targets = add_data(document, arrays, y, settings)
    add_training(
        document,
        settings,
        outputs=outputs,
        targets=targets,
        reader=torch_loss.read,
        optimizer=_optimizer(document, settings.optimizer, ids),
    )
    for entry in document.losses:
        if entry["kind"] == "bce":
            entry.setdefault("clip", torch_loss.BCE_CLIP)
    kinds = {p.dtype for p in model.parameters()}
    for kind, name in ((torch.float16, "float16"), (torch.bfloat16, "bfloat16")):
        if kind in kinds:
            document.training["precision"] = name
    if settings.initial is not None:
        ignored = list(model.state_dict())
        add_initial(document, _initial(settings.initial, model, ids), ignored)
    return document


def _root(model: nn.Module) -> tuple[nn.Module, str]:
    """Wrap a model that is a module of torch.nn itself; return it with the name it then has."""
    if not Tracer().is_leaf_module(model, ""):
        return model, ""
    name = type(model).__name__.lower()
    return nn.Sequential(OrderedDict([(name, model)])), name + "."


def _parameters(
    document: RunDocument, root: nn.Module, prefix: str
) -> tuple[dict[str, str], dict[int, str]]:
    """Add the parameters; return attribute path -> name (tied ones share one), id -> name."""
    paths: dict[str, str] = {}
    ids: dict[int, str] = {}
    for path, parameter in root.named_parameters(remove_duplicate=False):
        if id(parameter) not in ids:
            name = path.removeprefix(prefix)
            ids[id(parameter)] = document.add_parameter(
                name,
                as_array(parameter, f"parameter {name}"),
                trainable=parameter.requires_grad,
            )
        paths[path] = ids[id(parameter)]
    return paths, ids


def _optimizer(
    document: RunDocument, optimizer: Any, ids: Mapping[int, str]
) -> Mapping[str, Any] | str | None:
    if isinstance(optimizer, torch.optim.Optimizer):
        trainable = [e["name"] for e in document.parameters if e.get("trainable", True)]
        return torch_optimizer.read(optimizer, ids, trainable)
    if optimizer is None or isinstance(optimizer, (str, Mapping)):
        return optimizer
    raise ExportError(
        f"optimizer is {type(optimizer).__name__}; expected a torch.optim.Optimizer or a dict"
    )


def _initial(initial: Any, model: nn.Module, ids: Mapping[int, str]) -> Mapping[str, Any]:
    if isinstance(initial, nn.Module):
        return initial.state_dict()
    if isinstance(initial, Mapping):
        return initial
    if isinstance(initial, (list, tuple)):
        return in_order(initial, [ids[id(p)] for p in model.parameters()])
    raise ExportError(
        f"initial is {type(initial).__name__}; expected a state dict, a list of arrays in the "
        "order of model.parameters(), or a second model"
    )
