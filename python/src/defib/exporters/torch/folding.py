"""Evaluates what does not depend on data: positions, masks, tables."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from ..._errors import ExportError
from .lowering import Lowering
from .ops.creation import FACTORIES
from .ops.noise import is_random
from .registry import target_name

#: Constants beyond this many elements are not worth folding; the engine computes them.
LIMIT = 1 << 22


def fold(lowering: Lowering, node: fx.Node) -> bool:
    """Evaluate a node whose inputs are all known; return whether it is one."""
    if node.op not in ("call_function", "call_method"):
        return False
    value = lowering.values[0].get(node.name)
    if not isinstance(value, torch.Tensor) or value.numel() > LIMIT:
        return False
    name = target_name(node)
    tensors = [n for n in node.all_input_nodes if _is_tensor(lowering, n)]
    if any(n not in lowering.constants for n in tensors) or is_random(node, name):
        return False
    if not tensors and name not in FACTORIES:
        return False
    if None in lowering.shape(node):
        return False

    def known(argument: fx.Node) -> Any:
        held = lowering.constants.get(argument)
        return lowering.value(argument) if held is None else held

    try:
        args = fx.map_arg(node.args, known)
        kwargs = fx.map_arg({k: v for k, v in node.kwargs.items() if k != "device"}, known)
        args = tuple(torch.device("cpu") if isinstance(a, torch.device) else a for a in args)
        if node.op == "call_method":
            result = getattr(args[0], str(node.target))(*args[1:], **kwargs)
        else:
            result = node.target(*args, **kwargs)  # type: ignore[operator]
    except (ExportError, RuntimeError, TypeError, ValueError):
        return False
    if not isinstance(result, torch.Tensor):
        return False
    lowering.constants[node] = result.detach().cpu()
    return True


def _is_tensor(lowering: Lowering, node: fx.Node) -> bool:
    value = lowering.values[0].get(node.name)
    if isinstance(value, (list, tuple)):
        return any(isinstance(item, torch.Tensor) for item in value)
    return isinstance(value, torch.Tensor)
