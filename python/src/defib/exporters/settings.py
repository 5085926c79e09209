"""What every exporter does alike: data, training settings, history, initial values."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from .._errors import DefibWarning, ExportError
from . import loop, optimizers, slips
from .arrays import Array, as_array, count, named_arrays, same_rows
from .document import RunDocument
from .logs import is_log, read_log
from .losses import Reader, paired
from .tables import Columns


@dataclass(frozen=True)
class Settings:
    """The keyword arguments of `export` and `check` that describe the training."""

    loss: Any = None
    optimizer: Any = None
    batch_size: int | None = None
    epochs: int | None = None
    steps: int | None = None
    history: Any = None
    initial: Any = None
    validation: Any = None
    mode: str = "train"
    shuffle: bool | None = None
    trainable: Sequence[str] | None = None
    verify: bool = True
    scheduler: Any = None
    clip: Any = None
    accumulation: int | None = None
    snapshots: Any = None
    #: what tables that were arrays of the data call their columns; no argument
    columns: Columns = field(default_factory=Columns)

    def __post_init__(self) -> None:
        if self.mode not in ("train", "eval"):
            raise ExportError(f"mode is {self.mode!r}; expected 'train' or 'eval'")
        told = slips.of_loss(self.loss) or slips.of_optimizer(self.optimizer)
        if told:
            raise ExportError(told)
        if self.clip is not None:
            loop.clip(self.clip)
        for name in ("batch_size", "epochs", "steps", "accumulation"):
            value = getattr(self, name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise ExportError(f"{name} is {value!r}; expected a whole number of at least 1")

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the keyword arguments."""
        return tuple(each.name for each in fields(cls) if each.name != "columns")


def target_names(y: Any, taken: Sequence[str], rows: int) -> list[str]:
    """Name the targets: y, or y1, y2, …, or the keys of a dict; never as an input is named."""
    if y is None:
        return []
    if isinstance(y, Mapping):
        names = [str(key) for key in y]
        clash = [name for name in names if name in taken]
        if clash:
            raise ExportError(f"y names {clash} like inputs of the model; use other names")
        return names
    number = count(y, rows)
    names = ["y"] if number == 1 else [f"y{i + 1}" for i in range(number)]
    return [f"target_{name}" if name in taken else name for name in names]


def add_data(
    document: RunDocument, x: Mapping[str, Array], y: Any, settings: Settings
) -> list[str]:
    """Put data and validation data into the run; return the names of the targets."""
    names = target_names(y, document.inputs, same_rows(x))
    targets = named_arrays(y, names, "y") if names else {}
    rows = {**x, **_noise(document, same_rows(x), 0), **targets}
    same_rows(rows)
    for name, array in rows.items():
        document.add_data(name, array)
    if settings.validation is not None:
        try:
            vx, vy = settings.validation
        except (TypeError, ValueError):
            raise ExportError("validation is a pair (x, y)") from None
        held = named_arrays(vx, list(x), "validation x")
        held |= _noise(document, same_rows(held, "validation: "), 1)
        held |= named_arrays(vy, names, "validation y") if names else {}
        same_rows(held, "validation: ")
        for name, array in held.items():
            if array.shape[1:] != rows[name].shape[1:]:
                raise ExportError(
                    f"validation: {name} has rows of shape {array.shape[1:]}; "
                    f"expected {rows[name].shape[1:]}, as in the training data"
                )
            document.add_validation(name, array)
    return names


def _noise(document: RunDocument, rows: int, part: int) -> dict[str, Array]:
    """Draw the inputs that hold random numbers."""
    return {name: draw(rows, part) for name, draw in document.noise.items() if callable(draw)}


def add_training(
    document: RunDocument,
    settings: Settings,
    *,
    outputs: Mapping[str, str],
    targets: Sequence[str],
    reader: Reader,
    optimizer: Mapping[str, Any] | str | None,
) -> None:
    """Put losses, optimizer, settings and history into the run."""
    document.losses = paired(settings.loss, outputs, targets, reader)
    for entry in document.losses:
        add_loss_arrays(document, entry)
    training: dict[str, Any] = {"mode": settings.mode}
    if optimizer is not None:
        names = [entry["name"] for entry in document.parameters]
        training["optimizer"] = optimizers.normalised(optimizer, names)
    for name in ("batch_size", "epochs", "steps", "accumulation"):
        if getattr(settings, name) is not None:
            training[name] = int(getattr(settings, name))
    if settings.shuffle is not None:
        training["shuffle"] = bool(settings.shuffle)
    if settings.clip is not None:
        training["clip"] = loop.clip(settings.clip)
    document.training = training | document.training
    _add_history(document, settings)
    loop.add_schedule(document, settings.scheduler)


def add_loss_arrays(document: RunDocument, entry: dict[str, Any]) -> None:
    """Put the arrays of a loss into the run, and their names in their places."""
    for key in ("class_weight", "pos_weight"):
        weights = entry.get(key)
        if weights is not None and not isinstance(weights, str):
            array = as_array(weights, f"the {key} of the loss")
            name = document.add_parameter(f"loss.{key}", array, trainable=False)
            entry[key] = name
    weights = entry.get("sample_weight")
    if weights is not None and not isinstance(weights, str):
        array = as_array(weights, "the sample_weight of the loss")
        rows = len(next(iter(document.arrays[file] for file in document.data.values())))
        if array.shape[:1] != (rows,):
            raise ExportError(
                f"the sample_weight of the loss has shape {array.shape}; expected {rows} rows, one "
                "a sample"
            )
        entry["sample_weight"] = document.add_data_with_own_name("sample_weight", array)


def _add_history(document: RunDocument, settings: Settings) -> None:
    history = settings.history
    if history is None:
        return
    held: Any = getattr(history, "history", history)  # Keras keeps its series in an attribute
    if is_log(held):
        held = read_log(held)
    series: Mapping[str, Any] = held if isinstance(held, Mapping) else {"loss": held}
    for key, values in series.items():
        name = "validation_loss" if key in ("val_loss", "valid_loss") else str(key)
        per = None
        if isinstance(values, Mapping):
            per, values = values.get("per"), values.get("values")
        if isinstance(values, (list, tuple)):  # a list of one-element tensors is common
            values = [optimizers.plain(value) for value in values]
        array = as_array(values, f"history {name}")
        if array.ndim != 1:
            raise ExportError(f"history {name} has shape {array.shape}; expected a flat series")
        if array.size == 0:
            continue
        rows = max((len(document.arrays[path]) for path in document.data.values()), default=0)
        document.add_history(name, array, per or _per(array.size, settings, rows))


#: A list of this length is taken to be per step: nobody trains for so many epochs.
_MANY = 2000


def _per(length: int, settings: Settings, rows: int) -> str:
    """Tell whether a series has a value per epoch or per step, by its length."""
    if length == settings.epochs:
        return "epoch"
    if length == settings.steps or (settings.epochs is not None and length > settings.epochs + 1):
        return "step"
    if settings.epochs is None and settings.steps is None:
        batches = -(-rows // settings.batch_size) if settings.batch_size else 1
        whole = batches > 1 and length >= 50 and length % batches == 0
        return "step" if whole or length >= _MANY else "epoch"
    return "epoch"


def add_initial(document: RunDocument, values: Mapping[str, Any], ignored: Sequence[str]) -> None:
    """Put the parameters from before the training into the run.

    Values in the model's own memory hold the trained parameters, as a state dict
    that was not copied does: they are left out with a `DefibWarning`.

    Raises:
        ExportError: a name is unknown, or a shape differs.
    """
    known = [entry["name"] for entry in document.parameters]
    strangers = [name for name in values if name not in known and name not in ignored]
    if strangers:
        raise ExportError(f"initial names {strangers}; the parameters are {known}")
    shared = []
    for name in known:
        if name not in values:
            continue
        array = as_array(values[name], f"initial {name}")
        now = document.array_of(name)
        if array.size and array.ctypes.data == now.ctypes.data:
            shared.append(name)
            continue
        document.add_initial(name, array)
    if shared:
        warnings.warn(
            f"initial: {shared[0]}{' and others' if len(shared) > 1 else ''} shares its memory "
            "with the model, so it holds the trained values and is left out; take a copy before "
            "the training, as in copy.deepcopy(model.state_dict())",
            DefibWarning,
            stacklevel=4,
        )


def in_order(values: Sequence[Any], names: Sequence[str], what: str = "initial") -> dict[str, Any]:
    """Name a list of arrays in the order of the parameters."""
    if len(values) != len(names):
        raise ExportError(
            f"{what} has {len(values)} arrays; the model has {len(names)} parameters: "
            f"{', '.join(names)}"
        )
    return dict(zip(names, values, strict=True))
