"""Writes the layers of a `defib.Sequential` into a run."""

from __future__ import annotations

from ..._errors import ExportError
from ...sequential import Sequential
from ...sequential.model import output_shape
from ..document import RunDocument
from .layers import LAYERS, Writer


def write(
    document: RunDocument, model: Sequential, x: str, shape: tuple[int, ...], training: bool
) -> str:
    """Write the layers in their order; return the tensor of the output.

    `shape` is that of a sample of `x`.

    Raises:
        ExportError: a layer does not fit, or is of a class of the user's own.
    """
    tensor = x
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
        tensor = handler(Writer(document, name, layer, tensor, shape, after, training, held))
        shape = after
    return tensor
