"""Exports `defib.Sequential`, a network in plain NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..._errors import ExportError
from ...sequential import Sequential
from .. import optimizers
from ..arrays import named_arrays
from ..document import RunDocument
from ..settings import Settings, add_data, add_initial, add_training, in_order
from ..snapshots import add_snapshots
from .graph import write


def build(model: Sequential, x: Any, y: Any, settings: Settings) -> RunDocument:
    """Build the run of a Sequential."""
    document = RunDocument("numpy", np.__version__)
    arrays = named_arrays(x, ["x"], "x")
    training = settings.mode == "train"
    tensor = write(document, model, document.add_input("x"), arrays["x"].shape[1:], training)
    document.outputs = [tensor]
    targets = add_data(document, arrays, y, settings)
    add_training(
        document,
        settings,
        outputs={tensor: tensor},
        targets=targets,
        reader=lambda _: None,
        optimizer=optimizers.by_hand(settings.optimizer),
    )
    names = list(model.arrays())
    if settings.initial is not None:
        add_initial(document, _held(settings.initial, names, "initial"), ())
    add_snapshots(document, settings.snapshots, lambda state: _held(state, names, "a snapshot"))
    return document


def _held(held: Any, names: list[str], what: str) -> Mapping[str, Any]:
    if isinstance(held, Sequential):
        return held.arrays()
    if isinstance(held, Mapping):
        return held
    if isinstance(held, (list, tuple)):
        return in_order(held, names, what)
    raise ExportError(
        f"{what} is {type(held).__name__}; expected a dict, a list of arrays or a Sequential"
    )
