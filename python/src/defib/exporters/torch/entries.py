"""What PyTorch's criterion objects and loss functions are as entries of run.json."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn
from torch.nn import functional as F  # noqa: N812

from ..._errors import ExportError

#: PyTorch clamps the logarithms of nn.BCELoss here.
BCE_CLIP = -100.0

Entry = dict[str, Any]


def _bce(loss: Any) -> Entry:
    _refuse(loss, "weight")
    return {"kind": "bce", "clip": BCE_CLIP}


def _bce_with_logits(loss: Any) -> Entry:
    _refuse(loss, "weight")
    entry: Entry = {"kind": "bce-with-logits"}
    if loss.pos_weight is not None:
        entry["pos_weight"] = loss.pos_weight
    return entry


def _classes(kind: str, loss: Any) -> Entry:
    entry: Entry = {"kind": kind}
    if loss.weight is not None:
        entry["class_weight"] = loss.weight
    if loss.ignore_index != -100:
        entry["ignore_index"] = int(loss.ignore_index)
    if getattr(loss, "label_smoothing", 0.0):
        entry["label_smoothing"] = float(loss.label_smoothing)
    return entry


def _poisson(loss: Any) -> Entry:
    return {
        "kind": "poisson-nll", "log_input": bool(loss.log_input), "full": bool(loss.full),
        "eps": float(loss.eps),
    }  # fmt: skip


def _gaussian(loss: Any) -> Entry:
    return {"kind": "gaussian-nll", "full": bool(loss.full), "eps": float(loss.eps)}


def _kl_div(loss: Any) -> Entry:
    entry: Entry = {"kind": "kl-div", "log_target": bool(loss.log_target)}
    if loss.reduction == "batchmean":
        entry["batch_mean"] = True
    return entry


def _refuse(loss: Any, *names: str) -> None:
    for name in names:
        if getattr(loss, name, None) is not None:
            raise ExportError(
                f"loss {type(loss).__name__}: its {name} belongs to one batch; pass the loss "
                'without it and the weights of all samples in a dict, as in {"kind": "bce", '
                '"sample_weight": weights}'
            )


_CRITERIA: dict[type[nn.Module], Callable[[Any], Entry]] = {
    nn.MSELoss: lambda _: {"kind": "mse"},
    nn.L1Loss: lambda _: {"kind": "l1"},
    nn.SmoothL1Loss: lambda loss: {"kind": "smooth-l1", "beta": float(loss.beta)},
    nn.HuberLoss: lambda loss: {"kind": "huber", "delta": float(loss.delta)},
    nn.BCELoss: _bce,
    nn.BCEWithLogitsLoss: _bce_with_logits,
    nn.CrossEntropyLoss: lambda loss: _classes("cross-entropy", loss),
    nn.NLLLoss: lambda loss: _classes("nll", loss),
    nn.PoissonNLLLoss: _poisson,
    nn.GaussianNLLLoss: _gaussian,
    nn.KLDivLoss: _kl_div,
}

FUNCTIONS: dict[Any, type[nn.Module]] = {
    F.mse_loss: nn.MSELoss,
    F.l1_loss: nn.L1Loss,
    F.smooth_l1_loss: nn.SmoothL1Loss,
    F.huber_loss: nn.HuberLoss,
    F.binary_cross_entropy: nn.BCELoss,
    F.binary_cross_entropy_with_logits: nn.BCEWithLogitsLoss,
    F.cross_entropy: nn.CrossEntropyLoss,
    F.nll_loss: nn.NLLLoss,
    F.poisson_nll_loss: nn.PoissonNLLLoss,
    F.gaussian_nll_loss: nn.GaussianNLLLoss,
    F.kl_div: nn.KLDivLoss,
}


def read(loss: Any) -> Entry | None:
    """Read a criterion, a loss function, or a functools.partial of one; None: it is neither.

    Any other callable is a loss that the script wrote, which is traced.

    Raises:
        ExportError: its reduction or a weight of it cannot be replayed.
    """
    if isinstance(loss, functools.partial) and loss.func in FUNCTIONS and not loss.args:
        loss = FUNCTIONS[loss.func](**loss.keywords)
    elif callable(loss) and not isinstance(loss, nn.Module):
        try:
            loss = FUNCTIONS[loss]()
        except (KeyError, TypeError):
            return {"kind": "custom", "call": loss}
    reader = _CRITERIA.get(type(loss))
    if reader is None:
        return {"kind": "custom", "call": loss} if callable(loss) else None
    reduction = "mean" if loss.reduction == "batchmean" else loss.reduction
    if reduction not in ("mean", "sum"):
        raise ExportError(
            f"loss {type(loss).__name__} has reduction {loss.reduction!r}, so the script reduces "
            "it by itself; pass the same loss with reduction='mean' or 'sum'"
        )
    return reader(loss) | {"reduction": reduction}


def is_own(loss: Any) -> bool:
    """Whether the loss is one callable that the script wrote."""
    if loss is None or isinstance(loss, (str, Mapping, list, tuple)) or not callable(loss):
        return False
    try:
        return (read(loss) or {}).get("kind") == "custom"
    except ExportError:
        return False


def is_gaussian(loss: Any) -> bool:
    """Whether the loss is a Gaussian likelihood whose prediction nobody named."""
    if isinstance(loss, Mapping):
        return loss.get("kind") == "gaussian-nll" and "prediction" not in loss
    return isinstance(loss, nn.GaussianNLLLoss) or loss is F.gaussian_nll_loss
