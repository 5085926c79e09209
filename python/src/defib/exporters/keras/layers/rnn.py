"""Recurrent layers: the gates of Keras in the order of ONNX, batches on axis 0 throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...._errors import ExportError
from ...gates import ordered
from ..call import Call
from ..value import Value
from . import masks
from .rnn_activations import activations


@dataclass(frozen=True)
class _Kind:
    op: str
    #: where each gate of ONNX lies among the gates of Keras
    gates: tuple[int, ...]
    states: int


#: class of the cell -> what it is in ONNX: Keras has i f c o and z r h, ONNX i o f c and z r h.
_CELLS = {
    "SimpleRNNCell": _Kind("RNN", (0,), 1),
    "LSTMCell": _Kind("LSTM", (0, 3, 1, 2), 2),
    "GRUCell": _Kind("GRU", (0, 1, 2), 1),
}


@dataclass
class Ran:
    """What a recurrent layer returns, in the order of time."""

    #: (samples, steps, units)
    sequence: str
    #: (samples, units) each: h, and c of an LSTM
    states: list[str]


def _bias(call: Call, cell: Any, kind: _Kind, axis: str) -> str:
    """Return the biases as (1, 2 · gates · units); empty where the cell has none."""
    if not cell.use_bias:
        return ""
    size = len(kind.gates) * int(cell.units)
    bias = call.weight(cell.bias)
    if len(cell.bias.shape) == 2:  # one for the input and one for the state
        return call.reshape(bias, [1, 2 * size], "biases")
    zeros = call.constant(np.zeros(size, np.float32), "no_recurrent_bias")
    both = call.emit(
        "Concat", ordered(call, bias, kind.gates, "bias"), zeros, part="bias/both", axis=0
    )
    return call.emit("Unsqueeze", both, axis, part="biases")


def run(call: Call, layer: Any, x: Value, states: Sequence[Value], *, reverse: bool) -> Ran:
    """Write one direction of one recurrent layer.

    Raises:
        ExportError: its cell is of no known class, or it carries its state between batches.
    """
    cell = layer.cell
    kind = _CELLS.get(type(cell).__name__)
    if kind is None or not type(cell).__module__.startswith("keras.src.layers.rnn"):
        raise ExportError(
            f"has a cell of type {type(cell).__name__}; known are {', '.join(_CELLS)}"
        )
    if layer.stateful:
        raise ExportError("is stateful; a replay starts each batch without a state")
    axis = call.integers([0], "direction")
    mask = call.kwargs.get("mask")
    kept = None if mask is None else masks.Kept(call, call.operand(mask))
    held = []
    for name, variable in (("kernel", cell.kernel), ("recurrent", cell.recurrent_kernel)):
        gates = ordered(call, call.weight(variable, [1, 0]), kind.gates, name)
        held.append(call.emit("Unsqueeze", gates, axis, part=f"{name}/direction"))
    sequence = call.native(x) if kept is None else kept.in_front(call.native(x))
    lengths = "" if kept is None else kept.lengths
    inputs = [sequence, *held, _bias(call, cell, kind, axis), lengths]
    if states:
        if len(states) != kind.states:
            raise ExportError(f"gets {len(states)} initial states; expected {kind.states}")
        steps = call.integers([1], "state/axis")
        inputs += [*(
            call.emit("Unsqueeze", call.native(s), steps, part=f"initial{i}")
            for i, s in enumerate(states)
        )]  # fmt: skip
    while not inputs[-1]:
        inputs.pop()
    attributes: dict[str, Any] = {
        "hidden_size": int(cell.units), "layout": 1,
        "direction": "reverse" if reverse else "forward", **activations(cell, kind.op),
    }  # fmt: skip
    if kind.op == "GRU":
        attributes["linear_before_reset"] = int(bool(cell.reset_after))
    parts = ("steps", "last", "memory")[: kind.states + 1]
    wide, *last = call.emit_several(kind.op, *inputs, parts=parts, part="cell", **attributes)
    alone: str = call.emit("Squeeze", wide, call.integers([2], "steps/axis"), part="sequence")
    if kept is not None:
        alone = kept.back(alone, reverse=reverse)
    return Ran(
        alone,
        [
            call.emit("Squeeze", state, call.integers([1], f"state{i}/axis"), part=f"state{i}")
            for i, state in enumerate(last)
        ],
    )


def _initial(call: Call) -> list[Value]:
    given = call.argument(1, "initial_state")
    given = given if isinstance(given, (list, tuple)) else [given]
    return [call.operand(state) for state in given if state is not None]


def _results(call: Call, layer: Any, ran: Ran, *, backwards: bool) -> list[str]:
    """Return what the layer itself returns; `backwards`: a sequence in the order of its steps."""
    result = ran.states[0]
    if layer.return_sequences:
        result = ran.sequence
        if backwards:
            axes = call.integers([1], "reversed/axes")
            result = call.emit(
                "Slice", result, call.integers([-1], "reversed/starts"),
                call.integers([-(2**31)], "reversed/ends"), axes,
                call.integers([-1], "reversed/steps"), part="reversed",
            )  # fmt: skip
    return [result, *(ran.states if layer.return_state else [])]


def recurrent(call: Call) -> list[Value]:
    """keras.layers.SimpleRNN, LSTM, GRU, and RNN over one of their cells."""
    layer, x = call.op, call.operand(call.args[0])
    ran = run(call, layer, x, _initial(call), reverse=bool(layer.go_backwards))
    tensors = _results(call, layer, ran, backwards=bool(layer.go_backwards))
    return [
        call.value(tensor, tuple(output.shape))
        for tensor, output in zip(tensors, call.outputs, strict=True)
    ]


_MERGES = {"sum": "Add", "mul": "Mul", "ave": "Mean"}


def bidirectional(call: Call) -> list[Value]:
    """keras.layers.Bidirectional: its two layers keep their own names."""
    layer, x = call.op, call.operand(call.args[0])
    states = _initial(call)
    half = len(states) // 2
    ran = []
    for part, held in ((layer.forward_layer, states[:half]), (layer.backward_layer, states[half:])):
        name = f"{call.layer}/{part.name}"
        inner = call.other(part, name, call.args, call.kwargs, call.outputs)
        ran.append(run(inner, part, x, held, reverse=bool(part.go_backwards)))
    tensors = [item.sequence if layer.return_sequences else item.states[0] for item in ran]
    if layer.merge_mode == "concat":
        tensors = [call.emit("Concat", *tensors, axis=2 if layer.return_sequences else 1)]
    elif layer.merge_mode in _MERGES:
        tensors = [call.emit(_MERGES[layer.merge_mode], *tensors)]
    if layer.return_state:
        tensors += [state for item in ran for state in item.states]
    return [
        call.value(tensor, tuple(output.shape))
        for tensor, output in zip(tensors, call.outputs, strict=True)
    ]
