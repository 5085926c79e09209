"""Exports `defib.Sequential`, a network in plain NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._errors import ExportError
from ..sequential import Sequential
from ..sequential.model import output_shape
from .arrays import named_arrays
from .document import RunDocument
from .sequential_layers import LAYERS, Writer
from .settings import Settings, add_data, add_initial, add_training, in_order


def build(model: Sequential, x: Any, y: Any, settings: Settings) -> RunDocument:
    """Build the run of a Sequential."""
    document = RunDocument("numpy", np.__version__)
    arrays = named_arrays(x, ["x"], "x")
    tensor = document.add_input("x")
    shape = arrays["x"].shape[1:]
    for name, layer in model:
        after = output_shape(name, layer, shape)
        handler = LAYERS.get(type(layer))
        if handler is None:
            raise ExportError(f"{name}: a layer of type {type(layer).__name__} cannot be exported")
        held = {
            part: document.add_parameter(
                f"{name}.{part}", array, trainable=part not in layer.frozen()
            )
            for part, array in layer.arrays().items()
        }
        training = settings.mode == "train"
        tensor = handler(Writer(document, name, layer, tensor, shape, after, training, held))
        shape = after
    document.outputs = [tensor]
    targets = add_data(document, arrays, y, settings)
    optimizer = settings.optimizer
    if optimizer is not None and not isinstance(optimizer, (str, Mapping)):
        raise ExportError(
            f'optimizer is {type(optimizer).__name__}; expected a dict such as {{"kind": "sgd", '
            '"learning_rate": 0.1}'
        )
    add_training(
        document,
        settings,
        outputs={tensor: tensor},
        targets=targets,
        reader=lambda _: None,
        optimizer=optimizer,
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
