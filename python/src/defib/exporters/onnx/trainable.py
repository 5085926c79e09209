"""Which initializers of a graph are weights that a training changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import onnx

from ..._errors import ExportError
from ..arrays import Array

_RECURRENT = (1, 2, 3, 7)

#: operator -> the inputs at which a weight may stand.
POSITIONS: dict[str, tuple[int, ...]] = {
    "Gemm": (0, 1, 2), "MatMul": (0, 1), "Einsum": (0, 1, 2, 3), "Conv": (1, 2),
    "ConvTranspose": (1, 2), "RNN": _RECURRENT, "LSTM": _RECURRENT, "GRU": _RECURRENT,
    "BatchNormalization": (1, 2), "LayerNormalization": (1, 2), "GroupNormalization": (1, 2),
    "InstanceNormalization": (1, 2), "RMSNormalization": (1,),
    "Add": (0, 1), "Mul": (0, 1), "PRelu": (1,), "Gather": (0,),
}  # fmt: skip

#: Operators through which a weight may pass before it is used.
_VIEWS = (
    "Cast", "Concat", "Expand", "Identity", "Reshape", "Slice", "Split", "Squeeze", "Transpose",
    "Unsqueeze",
)  # fmt: skip


def trainable(
    nodes: Sequence[onnx.NodeProto], arrays: Mapping[str, Array], given: Sequence[str] | None
) -> set[str]:
    """Name the trainable initializers: those `given`, else floats that are used as weights are.

    Raises:
        ExportError: a given name is not an initializer; all of them are listed.
    """
    if given is not None:
        strangers = [name for name in given if name not in arrays]
        if strangers:
            hints = {name: get_close_matches(name, arrays, 1) for name in strangers}
            listed = ", ".join(n + (f" (meant {h[0]}?)" if h else "") for n, h in hints.items())
            raise ExportError(
                f"trainable names {listed}; the initializers of the model are "
                f"{', '.join(arrays) or 'none'}"
            )
        return set(given)
    weights: set[str] = set()
    for node in reversed(nodes):
        if node.op_type in _VIEWS and any(name in weights for name in node.output):
            weights.update(node.input if node.op_type == "Concat" else node.input[:1])
        for position in POSITIONS.get(node.op_type, ()):
            if position < len(node.input) and node.input[position]:
                weights.add(node.input[position])
    return {
        name
        for name, array in arrays.items()
        if name in weights and array.ndim > 0 and array.dtype.kind == "f"
    }
