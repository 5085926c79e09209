"""Losses by name or by dict, and which output meets which target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._errors import ExportError

_COMMON = ("kind", "prediction", "target", "reduction", "weight", "sample_weight")

#: kind -> its own settings, as docs/losses.md lists them.
KINDS: dict[str, tuple[str, ...]] = {
    "mse": (),
    "l1": (),
    "smooth-l1": ("beta",),
    "huber": ("delta",),
    "log-cosh": (),
    "epsilon-insensitive": ("epsilon", "squared"),
    "quantile": ("quantile",),
    "bce": ("clip", "label_smoothing", "pos_weight"),
    "bce-with-logits": ("label_smoothing", "pos_weight"),
    "cross-entropy": ("ignore_index", "label_smoothing", "class_weight"),
    "categorical-cross-entropy": (
        "clip", "normalize", "ignore_index", "label_smoothing", "class_weight",
    ),
    "nll": ("ignore_index", "class_weight"),
    "hinge": ("squared", "margin", "binary"),
    "poisson-nll": ("log_input", "full", "eps"),
    "gaussian-nll": ("variance", "full", "eps"),
    "custom": ("call", "whole", "graph", "others"),
    "kl-div": ("log_input", "log_target", "clip", "batch_mean", "row_mean"),
}  # fmt: skip

_ALIASES = {
    "mean-squared-error": "mse",
    "l2": "mse",
    "mae": "l1",
    "mean-absolute-error": "l1",
    "binary-cross-entropy": "bce",
    "binary-cross-entropy-with-logits": "bce-with-logits",
    "negative-log-likelihood": "nll",
}

#: Turns a framework's own loss into a dict; None when it does not know the object.
Reader = Callable[[Any], "dict[str, Any] | None"]


def normalised(loss: Any, reader: Reader) -> dict[str, Any]:
    """Turn one loss (an object of the framework, a name, a dict) into an entry of run.json."""
    if isinstance(loss, str):
        loss = {"kind": loss}
    elif not isinstance(loss, Mapping):
        read = reader(loss)
        if read is None:
            name = getattr(loss, "__qualname__", type(loss).__qualname__)
            raise ExportError(
                f"loss {name} is not known. Pass a loss of the framework, a name or a dict such "
                f'as {{"kind": "mse"}}; kinds are {", ".join(KINDS)}'
            )
        loss = read
    entry = dict(loss)
    kind = str(entry.get("kind", "")).replace("_", "-").lower()
    kind = _ALIASES.get(kind, kind)
    if kind not in KINDS:
        raise ExportError(f"loss kind {entry.get('kind')!r} is not one of {', '.join(KINDS)}")
    entry["kind"] = kind
    allowed = _COMMON + KINDS[kind]
    for key in entry:
        if key not in allowed:
            raise ExportError(f"loss {kind} has no setting {key!r}; it has {', '.join(allowed)}")
    if entry.get("reduction", "mean") not in ("mean", "weighted-mean", "sum"):
        raise ExportError(
            f"loss {kind} has reduction {entry['reduction']!r}; a training needs 'mean' or 'sum'"
        )
    return entry


def paired(
    loss: Any, outputs: Mapping[str, str], targets: Sequence[str], reader: Reader
) -> list[dict[str, Any]]:
    """Give each loss its prediction and its target.

    `outputs` maps what the user calls an output to the tensor's name, in the order in which the
    model returns them. One loss serves every output when there are as many targets as outputs.
    """
    if loss is None:
        return []
    if not targets:
        raise ExportError("a loss needs targets: pass y")
    keys = list(outputs)
    if isinstance(loss, Mapping) and "kind" not in loss:
        strangers = [str(key) for key in loss if key not in outputs]
        if strangers:
            raise ExportError(f"loss names {strangers}; the outputs are {keys}")
        losses = [loss.get(key) for key in keys]
    elif isinstance(loss, (list, tuple)):
        losses = list(loss)
        if losses and all(isinstance(item, Mapping) and "prediction" in item for item in losses):
            return _by_output([normalised(item, reader) for item in losses], outputs, targets)
        if len(losses) != len(keys):
            raise ExportError(f"{len(losses)} losses were given; the model has {len(keys)} outputs")
    else:
        given = normalised(loss, reader)
        if "prediction" in given:
            return [_complete(given, outputs, None, targets, targets[0])]
        if len(targets) != len(keys):
            raise ExportError(
                f"one loss, {len(keys)} outputs and {len(targets)} targets: pass a list with one "
                "loss, or None, for each output"
            )
        losses = [given] * len(keys)
    wanted = [i for i, item in enumerate(losses) if item is not None]
    if len(targets) not in (len(wanted), len(keys)):
        raise ExportError(f"{len(wanted)} losses but {len(targets)} targets")
    compact = len(targets) == len(wanted)
    return [
        _complete(
            normalised(losses[i], reader), outputs, keys[i], targets, targets[n if compact else i]
        )
        for n, i in enumerate(wanted)
    ]


def _by_output(
    entries: Sequence[dict[str, Any]], outputs: Mapping[str, str], targets: Sequence[str]
) -> list[dict[str, Any]]:
    """Give losses that name their outputs the targets: one each, one for all, or one per output."""
    keys = list(outputs)
    result = []
    for i, entry in enumerate(entries):
        place = keys.index(entry["prediction"]) if entry["prediction"] in keys else i
        if len(targets) == 1:
            place = 0
        elif len(targets) == len(entries):
            place = i
        elif len(targets) != len(keys):
            raise ExportError(f"{len(entries)} losses but {len(targets)} targets")
        result.append(_complete(entry, outputs, None, targets, targets[place]))
    return result


def _complete(
    entry: dict[str, Any],
    outputs: Mapping[str, str],
    key: str | None,
    targets: Sequence[str],
    target: str,
) -> dict[str, Any]:
    entry = dict(entry)
    prediction = str(entry.get("prediction", key))
    if prediction not in outputs and prediction not in outputs.values():
        raise ExportError(f"loss: prediction {prediction!r} is not an output; {list(outputs)} are")
    entry["prediction"] = outputs.get(prediction, prediction)
    if "variance" in entry:
        entry["variance"] = outputs.get(entry["variance"], entry["variance"])
    entry.setdefault("target", target)
    if entry["target"] not in targets:
        raise ExportError(f"loss: target {entry['target']!r} is not one of {list(targets)}")
    return entry
