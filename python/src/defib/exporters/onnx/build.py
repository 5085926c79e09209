"""Exports ONNX models: a ModelProto, a path to a file, or the bytes of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import onnx

from ..._errors import ExportError
from .. import optimizers
from ..arrays import Array, named_arrays
from ..document import RunDocument
from ..kinds import is_onnx
from ..settings import Settings, add_data, add_initial, add_training, in_order
from ..snapshots import add_snapshots
from .graph import write
from .load import load
from .proof import prove


def build(model: Any, x: Any, y: Any, settings: Settings) -> RunDocument:
    """Build the run of an ONNX model; the model stays as it is.

    Raises:
        ExportError: the model cannot be read, or holds operators that the engine does not know;
            all of them are listed.
    """
    source = load(model)
    document = RunDocument("onnx", onnx.__version__)
    held = {tensor.name for tensor in source.model.graph.initializer}
    fed = [value for value in source.model.graph.input if value.name not in held]
    if not fed:
        raise ExportError("the model has no input that data could feed")
    inputs = named_arrays(x, [document.add_input(value.name) for value in fed], "x")
    for value in fed:
        _check_shape(value, inputs[value.name])
    arrays = write(document, source, inputs, mode=settings.mode, trainable=settings.trainable)
    targets = add_data(document, inputs, y, settings)
    add_training(
        document,
        settings,
        outputs={name: name for name in document.outputs},
        targets=targets,
        reader=lambda _: None,
        optimizer=optimizers.by_hand(settings.optimizer),
    )
    held_as = {str(arrays[e["name"]].dtype) for e in document.parameters if e["name"] in arrays}
    if "float16" in held_as:
        document.training["precision"] = "float16"
    if settings.initial is not None:
        add_initial(document, _held(settings.initial, document, "initial"), list(arrays))
    add_snapshots(
        document,
        settings.snapshots,
        lambda state: _held(state, document, "a snapshot"),
        list(arrays),
    )
    if settings.verify:
        prove(document, load(model).model)
    return document


def _check_shape(value: onnx.ValueInfoProto, array: Array) -> None:
    """Compare an array with the shape that the model declares; axis 0 is free."""
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        return
    wanted = [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]
    fits = len(wanted) == array.ndim and all(
        length in (None, found) for length, found in zip(wanted[1:], array.shape[1:], strict=True)
    )
    if not fits:
        shown = ", ".join(["samples", *("any" if n is None else str(n) for n in wanted[1:])])
        raise ExportError(f"input {value.name} has shape {array.shape}; expected ({shown})")


def _held(held: Any, document: RunDocument, what: str) -> Mapping[str, Any]:
    if isinstance(held, Mapping):
        return held
    if isinstance(held, (list, tuple)):
        names = [entry["name"] for entry in document.parameters if entry.get("trainable", True)]
        return in_order(held, names, what)
    if is_onnx(held):
        return load(held).arrays()
    raise ExportError(
        f"{what} is {type(held).__name__}; expected a dict of arrays by initializer, a list in "
        "the order of the trainable parameters, or a second ONNX model"
    )
