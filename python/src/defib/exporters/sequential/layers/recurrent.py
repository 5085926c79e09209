"""Recurrent layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from .... import sequential as s
from ...gates import ordered
from .writer import Writer

#: kind -> the gates in the order of ONNX
_GATES = {s.RNN: "", s.LSTM: "iofc", s.GRU: "zrh"}


def recurrent(w: Writer) -> str:
    """Write RNN, LSTM or GRU with batches on axis 0 and its gates in the order of ONNX."""
    layer, kind = w.op, type(w.op)
    given = getattr(layer, "gates", "")
    order = [given.index(letter) for letter in _GATES[kind]] or [0]
    direction = w.integers([0], "direction")
    inputs = [w.tensor]
    for part in ("weight", "recurrent"):
        rows = w.emit("Transpose", w.held[part], part=f"{part}/rows", perm=[1, 0])
        gates = ordered(w, rows, order, part)
        inputs.append(w.emit("Unsqueeze", gates, direction, part=f"{part}/direction"))
    if "bias" in w.held or "recurrent_bias" in w.held:
        inputs.append(_biases(w, order, direction))
    attributes: dict[str, Any] = {
        "hidden_size": layer.units, "layout": 1,
        "direction": "reverse" if layer.backwards else "forward",
    }  # fmt: skip
    if kind is s.GRU:
        attributes["linear_before_reset"] = int(layer.reset_after)
    wide, last = w.emit_several(
        kind.__name__, *inputs, parts=["steps", "last"], part="cell", **attributes
    )
    if layer.sequences:
        return w.emit("Squeeze", wide, w.integers([2], "axis"))
    return w.emit("Squeeze", last, w.integers([1], "axis"))


def _biases(w: Writer, order: list[int], direction: str) -> str:
    parts = []
    for part in ("bias", "recurrent_bias"):
        if part in w.held:
            parts.append(ordered(w, w.held[part], order, part))
        else:
            zeros = np.zeros(len(order) * w.op.units, np.float32)
            parts.append(w.constant(zeros, f"no_{part}"))
    both = w.emit("Concat", *parts, part="biases", axis=0)
    return w.emit("Unsqueeze", both, direction, part="biases/direction")
