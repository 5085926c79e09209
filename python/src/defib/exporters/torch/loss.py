"""PyTorch's criterion objects and loss functions as entries of run.json."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from torch import nn
from torch.nn import functional as F  # noqa: N812

from ..._errors import ExportError
from ..._lazy import rows_behind
from ..document import RunDocument
from ..settings import Settings
from .fitting import of_outputs_alike, turn_classes
from .own import trace_losses
from .runner import Runner

#: PyTorch clamps the logarithms of nn.BCELoss here.
BCE_CLIP = -100.0
#: PyTorch's default of `ignore_index`.
IGNORED = -100

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

_FUNCTIONS: dict[Any, type[nn.Module]] = {
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

    Any other callable is a loss that the script wrote, which `complete` traces.

    Raises:
        ExportError: its reduction or a weight of it cannot be replayed.
    """
    if isinstance(loss, functools.partial) and loss.func in _FUNCTIONS and not loss.args:
        loss = _FUNCTIONS[loss.func](**loss.keywords)
    elif callable(loss) and not isinstance(loss, nn.Module):
        try:
            loss = _FUNCTIONS[loss]()
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


def prepared(
    settings: Settings, outputs: Mapping[str, str], runner: Runner, document: RunDocument,
    targets: Sequence[str],
) -> Settings:  # fmt: skip
    """Turn (loss, weight), (loss, output) and (loss, output, weight) into dicts."""
    loss = settings.loss
    if len(outputs) > 1 and len(targets) == 1:
        loss = of_outputs_alike(loss, outputs, runner, document)
    if isinstance(loss, tuple) and loss and not isinstance(loss[0], tuple) and _is_term(loss):
        loss = _term(loss)
    elif isinstance(loss, (list, tuple)):
        loss = [_term(item) for item in loss]
    elif isinstance(loss, Mapping) and "kind" not in loss:
        loss = {key: _term(item) for key, item in loss.items()}
    if _is_own(loss):
        # One loss, maybe of several outputs: `complete` finds out how it is called.
        first = next(iter(outputs))
        loss = {"kind": "custom", "call": loss, "whole": True, "prediction": first}
    if _is_gaussian(loss) and len(outputs) == 2:  # forward returns the mean and the variance
        loss = _term((loss, next(iter(outputs))))
    return replace(settings, loss=loss)


def _is_own(loss: Any) -> bool:
    """Whether the loss is one callable that the script wrote."""
    if loss is None or isinstance(loss, (str, Mapping, list, tuple)) or not callable(loss):
        return False
    try:
        return (read(loss) or {}).get("kind") == "custom"
    except ExportError:
        return False


def _is_term(item: Any) -> bool:
    return isinstance(item, tuple) and len(item) > 1 and isinstance(item[1], (str, int, float))


def _is_gaussian(loss: Any) -> bool:
    if isinstance(loss, Mapping):
        return loss.get("kind") == "gaussian-nll" and "prediction" not in loss
    return isinstance(loss, nn.GaussianNLLLoss) or loss is F.gaussian_nll_loss


def _term(item: Any) -> Any:
    if not _is_term(item):
        return item
    loss, *rest = item
    if isinstance(loss, str):
        entry: Entry = {"kind": loss}
    elif isinstance(loss, Mapping):
        entry = dict(loss)
    else:
        held = read(loss)
        if held is None:
            return loss  # the common code says what is wrong with it
        entry = held
    for part in rest:
        entry["prediction" if isinstance(part, str) else "weight"] = part
    return entry


def complete(document: RunDocument, runner: Runner, y: Any, targets: Sequence[str]) -> None:
    """Add what PyTorch's losses imply: a clip, the class that is left out, the variance's output.

    Losses that the script wrote itself are traced. `y` is what the user gave for the targets.

    Raises:
        ExportError: a Gaussian loss does not know its variance, or a loss cannot be traced.
    """
    if any("call" in entry for entry in document.losses):
        trace_losses(document, runner, y, targets)
    turn_classes(document, runner)
    for entry in document.losses:
        if entry["kind"] == "bce":
            entry.setdefault("clip", BCE_CLIP)
        if entry["kind"] in ("nll", "cross-entropy") and "ignore_index" not in entry:
            _ignore(document, entry)
        if entry["kind"] == "gaussian-nll":
            others = [name for name in document.outputs if name != entry["prediction"]]
            if "variance" not in entry and len(others) != 1:
                raise ExportError(
                    "loss gaussian-nll: which output is the variance? Pass it as in "
                    '{"kind": "gaussian-nll", "prediction": "mean", "variance": "var"}; the '
                    f"outputs are {document.outputs}"
                )
            entry.setdefault("variance", others[0] if others else "")


def _ignore(document: RunDocument, entry: Entry) -> None:
    """Leave out what PyTorch leaves out by default, where targets have it."""
    path = document.data.get(entry.get("target", ""))
    targets = document.arrays.get(path or "")
    if not isinstance(targets, np.ndarray) or rows_behind(targets) is not None:
        return
    if targets.dtype.kind == "i" and bool((targets == IGNORED).any()):
        entry["ignore_index"] = IGNORED
