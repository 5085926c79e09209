"""Writes the graph of an ONNX model into a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import onnx

from ..._errors import ExportError
from ..arrays import Array
from ..document import RunDocument
from . import names
from .fold import fold
from .load import Loaded
from .lowering import Lowering
from .prepare import prepare
from .rebatch import rebatch
from .support import Support
from .trainable import trainable as weights_among
from .types import spell_out_types


def write(
    document: RunDocument,
    source: Loaded,
    inputs: Mapping[str, Array],
    *,
    mode: str | None,
    trainable: Sequence[str] | None = None,
) -> dict[str, Array]:
    """Write the graph of a model into a run, and return the arrays of all its initializers.

    Args:
        document: The run; its inputs are there already.
        source: The model.
        inputs: The array of each input, one row per sample.
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
