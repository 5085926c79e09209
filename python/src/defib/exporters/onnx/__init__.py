"""Exports ONNX models: a ModelProto, a path to a file, or the bytes of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx

from ..._errors import ExportError
from .. import is_onnx
from ..arrays import Array, named_arrays
from ..document import RunDocument
from ..settings import Settings, add_data, add_initial, add_training, in_order
from . import names
from .fold import fold
from .lower import Lowering
from .prepare import prepare
from .proof import prove
from .rebatch import rebatch
from .source import Source, load
from .support import Support
from .trainable import trainable as weights_among
from .types import spell_out_types

__all__ = ["build", "lower"]


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
    arrays = lower(document, source, inputs, mode=settings.mode, trainable=settings.trainable)
    targets = add_data(document, inputs, y, settings)
    optimizer = settings.optimizer
    if optimizer is not None and not isinstance(optimizer, (str, Mapping)):
        raise ExportError(
            f"optimizer is {type(optimizer).__name__}; for an ONNX model pass a dict such as "
            '{"kind": "adam", "learning_rate": 0.001}'
        )
    add_training(
        document,
        settings,
        outputs={name: name for name in document.outputs},
        targets=targets,
        reader=lambda _: None,
        optimizer=optimizer,
    )
    held_as = {str(arrays[e["name"]].dtype) for e in document.parameters if e["name"] in arrays}
    if "float16" in held_as:
        document.training["precision"] = "float16"
    if settings.initial is not None:
        add_initial(document, _initial(settings.initial, document), list(arrays))
    if settings.verify:
        prove(document, load(model).model)
    return document


def lower(
    document: RunDocument,
    source: Source,
    inputs: Mapping[str, Array],
    *,
    mode: str | None,
    trainable: Sequence[str] | None = None,
) -> dict[str, Array]:
    """Write the graph of a model into a run, and return the arrays of all its initializers.

    Args:
        document: The run; its inputs are there already.
        source: The model.
        inputs: The array of each input, one row a sample.
        mode: "train" or "eval" for batch normalisation; None: as the model itself says.
        trainable: The initializers that a training changes; None: found by their use.

    Raises:
        ExportError: something cannot be written; everything is listed.
    """
    support = Support.of_engine()
    arrays = source.arrays()
    layers: dict[str, str] = {}

    def watch(nodes: list[onnx.NodeProto]) -> None:
        names.name_nodes(nodes)
        layers.update(names.layers(nodes))
        support.look(nodes)
        if source.model.graph.sparse_initializer:
            support.problems.append("sparse initializers: store them dense")
        _refuse(support)

    shapes = {name: array.shape for name, array in inputs.items()}
    model = prepare(source.model, support.knows, watch, shapes)
    spell_out_types(model)
    chosen = weights_among(list(model.graph.node), arrays, trainable)
    constants = {name: array for name, array in arrays.items() if name not in chosen}
    rebatch(model, shapes, support.knows, constants)
    nodes = list(model.graph.node)
    names.name_nodes(nodes)
    Lowering(
        document,
        model,
        support,
        arrays=arrays,
        trainable=chosen,
        folded=fold(model, shapes, support.knows, constants),
        layers=names.spread(nodes, layers),
        mode=mode,
    ).run()
    _refuse(support)
    return arrays


def _refuse(support: Support) -> None:
    if support.problems:
        listed = "\n".join(f"  {problem}" for problem in dict.fromkeys(support.problems))
        raise ExportError(
            f"the model cannot be replayed because of\n{listed}\nReplace these, or export the "
            f"part of the model without them. Known operators: {', '.join(support.operators)}"
        )


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


def _initial(initial: Any, document: RunDocument) -> Mapping[str, Any]:
    if isinstance(initial, Mapping):
        return initial
    if isinstance(initial, (list, tuple)):
        held = [entry["name"] for entry in document.parameters if entry.get("trainable", True)]
        return in_order(initial, held)
    if is_onnx(initial):
        return load(initial).arrays()
    raise ExportError(
        f"initial is {type(initial).__name__}; expected a dict of arrays by initializer, a list in "
        "the order of the trainable parameters, or a second ONNX model"
    )
