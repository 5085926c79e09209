"""The parameters of a module, and what they were before the training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from ..._errors import ExportError
from ..arrays import as_array
from ..document import RunDocument
from ..settings import in_order
from .unlisted import named_tensors
from .unwrap import bare_name, unwrap


def add_parameters(
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
                frozen=not parameter.requires_grad and parameter.is_floating_point(),
            )
        paths[path] = ids[id(parameter)]
    return paths, ids


def held_values(
    held: Any, model: nn.Module, ids: Mapping[int, str], what: str
) -> Mapping[str, Any]:
    """Name the parameters of another moment of the training.

    Raises:
        ExportError: they are neither a state dict, nor a list, nor a module.
    """
    if isinstance(held, nn.Module):
        held = unwrap(held)
        return {**held.state_dict(), **named_tensors(held)}
    if isinstance(held, Mapping):
        known = model.state_dict()
        return {k if k in known else bare_name(str(k)): v for k, v in held.items()}
    if isinstance(held, (list, tuple)):
        return in_order(held, [ids[id(p)] for p in model.parameters()], what)
    raise ExportError(
        f"{what} is {type(held).__name__}; expected a state dict, a list of arrays in the "
        "order of model.parameters(), or a second model"
    )


def add_unmoved(document: RunDocument) -> None:
    """Give parameters that neither the model lists nor the optimizer holds the values of now.

    Nothing has moved them, and a state dict does not hold them.
    """
    missing = document.training.get("optimizer", {}).get("missing", ())
    for entry in document.parameters:
        unlisted = entry.get("registered", True) is False
        if unlisted and entry["name"] in missing and "initial" not in entry:
            document.add_initial(entry["name"], document.array_of(entry["name"]))


def precision(model: nn.Module) -> str | None:
    """Return the half precision in which a model keeps parameters; None: it has none."""
    kinds = {p.dtype for p in model.parameters()}
    for kind, name in ((torch.float16, "float16"), (torch.bfloat16, "bfloat16")):
        if kind in kinds:
            return name
    return None
