"""Exports `defib.Sequential`, a network in plain NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._errors import ExportError
from ..sequential import (
    Dense,
    Dropout,
    Flatten,
    Layer,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Reshape,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    output_shape,
)
from .arrays import named_arrays
from .document import RunDocument
from .settings import Settings, add_data, add_initial, add_training, in_order

_PLAIN: dict[type[Layer], str] = {ReLU: "Relu", Sigmoid: "Sigmoid", Tanh: "Tanh"}


def build(model: Sequential, x: Any, y: Any, settings: Settings) -> RunDocument:
    """Build the run of a Sequential."""
    document = RunDocument("numpy", np.__version__)
    arrays = named_arrays(x, ["x"], "x")
    tensor = document.add_input("x")
    shape = arrays["x"].shape[1:]
    for name, layer in model:
        after = output_shape(name, layer, shape)
        tensor = _add(document, name, layer, tensor, shape, after)
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


def _add(
    document: RunDocument,
    name: str,
    layer: Layer,
    tensor: str,
    before: tuple[int, ...],
    after: tuple[int, ...],
) -> str:
    def node(op: str, *inputs: str, **attributes: Any) -> str:
        return document.add_node(
            op, [tensor, *inputs], layer=name, name=name, attributes=attributes
        )

    if isinstance(layer, Dense):
        return _dense(document, name, layer, tensor, len(before))
    if type(layer) in _PLAIN:
        return node(_PLAIN[type(layer)])
    if isinstance(layer, LeakyReLU):
        return node("LeakyRelu", alpha=float(layer.alpha))
    if isinstance(layer, (Softmax, LogSoftmax)):
        return node(type(layer).__name__, axis=int(layer.axis))
    if isinstance(layer, Flatten):
        return node("Flatten", axis=1)
    if isinstance(layer, Dropout):
        return node("Dropout", document.add_number(layer.p, layer=name, name=f"{name}/ratio"))
    if isinstance(layer, Reshape):
        return node("Reshape", document.add_integers([0, *after], layer=name, name=f"{name}/shape"))
    raise ExportError(f"{name}: a layer of type {type(layer).__name__} cannot be exported")


def _dense(document: RunDocument, name: str, layer: Dense, tensor: str, rank: int) -> str:
    held = [
        document.add_parameter(f"{name}.{part}", array) for part, array in layer.arrays().items()
    ]
    if rank == 1:
        return document.add_node("Gemm", [tensor, *held], layer=name, name=name)
    if len(held) == 1:
        return document.add_node("MatMul", [tensor, *held], layer=name, name=name)
    product = document.add_node("MatMul", [tensor, held[0]], layer=name, name=f"{name}/product")
    return document.add_node("Add", [product, held[1]], layer=name, name=name)
