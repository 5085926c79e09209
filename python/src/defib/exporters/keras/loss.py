"""One Keras loss as an entry of run.json: the function behind it and its settings."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from ..._errors import ExportError

Settings = Mapping[str, Any]


@dataclass
class KerasLoss:
    """What a loss computes."""

    #: kind and settings for run.json
    entry: dict[str, Any]
    #: "elements": one target per prediction; "classes": one-hot rows; "indices": whole numbers;
    #: "signs": -1 and 1, or 0 and 1; "given": as the caller says; "own": as the loss takes them
    targets: str = "elements"


def _epsilon() -> float:
    """Return the bound that Keras puts on probabilities, 1e-7 unless the script changed it."""
    return float(keras.config.epsilon())


def _simple(kind: str) -> Callable[[Settings], KerasLoss]:
    return lambda _: KerasLoss({"kind": kind})


def _huber(settings: Settings) -> KerasLoss:
    return KerasLoss({"kind": "huber", "delta": float(settings.get("delta", 1.0))})


def _binary(settings: Settings) -> KerasLoss:
    shared = _smoothing(settings)
    if settings.get("from_logits"):
        return KerasLoss({"kind": "bce-with-logits", **shared})
    return KerasLoss({"kind": "bce", "clip": _epsilon(), **shared})


def _smoothing(settings: Settings) -> dict[str, Any]:
    share = float(settings.get("label_smoothing", 0.0))
    return {"label_smoothing": share} if share else {}


def _classes(targets: str) -> Callable[[Settings], KerasLoss]:
    def read(settings: Settings) -> KerasLoss:
        if settings.get("axis", -1) != -1:
            raise ExportError(f"has axis {settings['axis']}; only the last one can be replayed")
        shared = _smoothing(settings)
        if settings.get("ignore_class") is not None:
            shared["ignore_index"] = int(settings["ignore_class"])
        if settings.get("from_logits"):
            return KerasLoss({"kind": "cross-entropy", **shared}, targets)
        entry = {
            "kind": "categorical-cross-entropy", "clip": _epsilon(), "normalize": True, **shared,
        }  # fmt: skip
        return KerasLoss(entry, targets)

    return read


def _poisson(_: Settings) -> KerasLoss:
    return KerasLoss({"kind": "poisson-nll", "log_input": False, "eps": _epsilon()})


def _divergence(_: Settings) -> KerasLoss:
    return KerasLoss({"kind": "kl-div", "log_input": False, "clip": _epsilon(), "row_mean": True})


def _hinge(*, squared: bool) -> Callable[[Settings], KerasLoss]:
    more = {"squared": True} if squared else {}
    return lambda _: KerasLoss({"kind": "hinge", **more}, "signs")


#: name of the function in keras.losses -> what it is
_FUNCTIONS: dict[str, Callable[[Settings], KerasLoss]] = {
    "mean_squared_error": _simple("mse"),
    "mean_absolute_error": _simple("l1"),
    "huber": _huber,
    "log_cosh": _simple("log-cosh"),
    "binary_crossentropy": _binary,
    "categorical_crossentropy": _classes("classes"),
    "sparse_categorical_crossentropy": _classes("indices"),
    "kl_divergence": _divergence,
    "poisson": _poisson,
    "hinge": _hinge(squared=False),
    "squared_hinge": _hinge(squared=True),
}


def read(loss: Any, shapes: tuple[tuple[Any, ...], tuple[int, ...]]) -> KerasLoss:
    """Read a name, a function or an object of keras.losses; `shapes`: of prediction and target.

    Raises:
        ExportError: it is another loss, or the script reduces it by itself.
    """
    if isinstance(loss, str):
        loss = keras.losses.get(resolved(loss, *shapes))
    reduction = "sum_over_batch_size"
    settings: dict[str, Any] = {}
    function = loss
    if isinstance(loss, keras.losses.Loss):
        if type(loss).call is not keras.losses.MeanSquaredError.call:
            return _own(loss, str(loss.reduction))
        function, reduction = getattr(loss, "fn", None), str(loss.reduction)
        settings = dict(getattr(loss, "_fn_kwargs", {}))
    elif isinstance(loss, functools.partial) and not loss.args:
        function, settings = loss.func, dict(loss.keywords)
    name = str(getattr(function, "__name__", ""))
    module = str(
        getattr(inspect.unwrap(function) if callable(function) else None, "__module__", "")
    )
    if name not in _FUNCTIONS or not module.startswith("keras.src.losses"):
        return _own(loss, reduction)
    _check(loss, reduction)
    result = _FUNCTIONS[name](settings)
    if reduction == "sum":
        result.entry["reduction"] = "sum"
    return result


def _own(loss: Any, reduction: str) -> KerasLoss:
    """Return a loss without a kind of its own, to be traced."""
    _check(loss, reduction)
    return KerasLoss({"kind": "custom", "call": loss}, "own")


def _check(loss: Any, reduction: str) -> None:
    if reduction not in ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum"):
        raise ExportError(
            f"loss {type(loss).__name__} has reduction {reduction!r}, so the script reduces it by "
            "itself; pass the same loss with 'sum_over_batch_size' or 'sum'"
        )


def resolved(name: str, prediction: tuple[Any, ...], target: tuple[int, ...]) -> str:
    """Resolve "crossentropy" as Keras does, by the shapes."""
    if name.lower() not in ("crossentropy", "ce"):
        return name
    if prediction[-1] == 1:
        return "binary_crossentropy"
    fewer = len(target) < len(prediction)
    if fewer or (target[-1] == 1 and prediction[-1] > 1):
        return "sparse_categorical_crossentropy"
    return "categorical_crossentropy"
