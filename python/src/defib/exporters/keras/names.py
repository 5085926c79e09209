"""What the user calls the variables of a model: the names of the layers around them."""

from __future__ import annotations

from typing import Any

import keras


def layer_name(prefix: str, operation: Any) -> str:
    """Return the name of a layer inside the model, or inside the layer, `prefix`."""
    return f"{prefix}/{operation.name}" if prefix else str(operation.name)


def variable_names(model: Any) -> dict[int, str]:
    """Name every variable: id -> `layer/kernel`, with the names of nested models in front.

    These are the paths of Keras, but for the name of the model itself, which they lack, and for
    the names of nested models, which they always have. A shared layer has the name of its first
    place.
    """
    names: dict[int, str] = {}
    _gather(model, "", names)
    return names


def frozen_variables(model: Any) -> set[int]:
    """Return the ids of weights that a layer would train, were it or a part above it not frozen."""
    frozen: set[int] = set()
    for layer in model._flatten_layers():
        own = layer._trainable_variables
        frozen |= {id(v) for v in own if not layer.trainable or not v.trainable}
    return frozen


def _gather(layer: Any, prefix: str, names: dict[int, str]) -> None:
    for variable in [*layer._trainable_variables, *layer._non_trainable_variables]:
        name = str(variable.name)
        names.setdefault(id(variable), f"{prefix}/{name}" if prefix else name)
    for part in layer._layers:
        if isinstance(part, keras.layers.Layer):
            inside = "" if type(part).__name__ == "Functional" and _wrapped(layer) else None
            _gather(part, prefix if inside == "" else layer_name(prefix, part), names)


def _wrapped(layer: Any) -> bool:
    """Whether a model keeps its layers in a functional model that the user never wrote."""
    return isinstance(layer, keras.Sequential)
