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
    if settings.initial is not None:
        add_initial(document, _initial(settings.initial, list(model.arrays())), ())
    return document


def _initial(initial: Any, names: list[str]) -> Mapping[str, Any]:
    if isinstance(initial, Sequential):
        return initial.arrays()
    if isinstance(initial, Mapping):
        return initial
    if isinstance(initial, (list, tuple)):
        return in_order(initial, names)
    raise ExportError(
        f"initial is {type(initial).__name__}; expected a dict, a list of arrays or a Sequential"
    )
