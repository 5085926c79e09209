"""PyTorch's criterion objects and loss functions as entries of run.json."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from torch import nn
from torch.nn import functional as F  # noqa: N812

from .._errors import ExportError

#: PyTorch clamps the logarithms of nn.BCELoss here.
BCE_CLIP = -100.0

Settings = dict[str, Any]


def _bce(loss: Any) -> Settings:
    _refuse(loss, "weight")
    return {"kind": "bce", "clip": BCE_CLIP}


def _bce_with_logits(loss: Any) -> Settings:
    _refuse(loss, "weight", "pos_weight")
    return {"kind": "bce-with-logits"}


def _classes(kind: str, loss: Any) -> Settings:
    entry: Settings = {"kind": kind}
    if loss.weight is not None:
        entry["class_weight"] = loss.weight
    if loss.ignore_index != -100:
        entry["ignore_index"] = int(loss.ignore_index)
    if getattr(loss, "label_smoothing", 0.0):
        entry["label_smoothing"] = float(loss.label_smoothing)
    return entry


def _refuse(loss: Any, *names: str) -> None:
    for name in names:
        if getattr(loss, name, None) is not None:
            raise ExportError(
                f"loss {type(loss).__name__}: {name} cannot be replayed yet; export without it "
                "and with a loss that has none"
            )


_CRITERIA: dict[type[nn.Module], Callable[[Any], Settings]] = {
    nn.MSELoss: lambda _: {"kind": "mse"},
    nn.L1Loss: lambda _: {"kind": "l1"},
    nn.SmoothL1Loss: lambda loss: {"kind": "smooth-l1", "beta": float(loss.beta)},
    nn.HuberLoss: lambda loss: {"kind": "huber", "delta": float(loss.delta)},
    nn.BCELoss: _bce,
    nn.BCEWithLogitsLoss: _bce_with_logits,
    nn.CrossEntropyLoss: lambda loss: _classes("cross-entropy", loss),
    nn.NLLLoss: lambda loss: _classes("nll", loss),
}

_FUNCTIONS: dict[Any, type[nn.Module]] = {
    F.mse_loss: nn.MSELoss,
    F.l1_loss: nn.L1Loss,
    F.smooth_l1_loss: nn.SmoothL1Loss,
    F.huber_loss: nn.HuberLoss,
    F.binary_cross_entropy: nn.BCELoss,
    F.binary_cross_entropy_with_logits: nn.BCEWithLogitsLoss,
    F.cross_entropy: nn.CrossEntropyLoss,
    F.nll_loss: nn.NLLLoss,
}


def read(loss: Any) -> Settings | None:
    """Read a criterion, a loss function, or a functools.partial of one; None: it is neither.

    Raises:
        ExportError: its reduction or a weight of it cannot be replayed.
    """
    if isinstance(loss, functools.partial) and loss.func in _FUNCTIONS and not loss.args:
        loss = _FUNCTIONS[loss.func](**loss.keywords)
    elif callable(loss) and not isinstance(loss, nn.Module):
        try:
            loss = _FUNCTIONS[loss]()
        except (KeyError, TypeError):
            return None
    reader = _CRITERIA.get(type(loss))
    if reader is None:
        return None
    if loss.reduction not in ("mean", "sum"):
        raise ExportError(
            f"loss {type(loss).__name__} has reduction {loss.reduction!r}, so the script reduces "
            "it by itself; pass the same loss with reduction='mean' or 'sum'"
        )
    return reader(loss) | {"reduction": loss.reduction}
