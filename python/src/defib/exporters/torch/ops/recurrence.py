"""RNN, LSTM and GRU: layers, both directions, gate orders.

The parameters come into the run as the user has them. The orders that ONNX wants are nodes
between a parameter and its recurrence, so that gradients arrive at the user's own parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import fx, nn

from ...._errors import ExportError
from ...nodes import Named
from ..call import Call
from ..registry import aten, module
from .dropout import dropout

#: operator -> PyTorch's place of each gate that ONNX asks for
GATES = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}


class _Recurrence:
    """Writes a stack of recurrent layers."""

    def __init__(
        self, call: Call, op: str, attributes: dict[str, Any], bidirectional: bool, biased: bool
    ) -> None:
        self.call, self.op, self.attributes = call, op, attributes
        self.directions = 2 if bidirectional else 1
        self.biased = biased

    def _ordered(self, weight: str, part: str) -> Named:
        """Bring the gates along axis 0 into ONNX's order: shape (gates, hidden, …)."""
        call, gates = self.call, GATES[self.op]
        rows, *rest = call.lowering.array(weight).shape
        tall = call.reshape(weight, [len(gates), rows // len(gates), *rest], f"{part}/gates")
        if len(gates) == 1:
            return tall
        order = call.integers(gates, f"{part}/order")
        return call.emit("Gather", tall, order, part=f"{part}/ordered", axis=0)

    def _directions(self, held: list[Named], part: str) -> Named:
        if len(held) == 1:
            return held[0]
        return self.call.emit("Concat", *held, part=part, axis=0)

    def _matrix(self, weights: Sequence[str], part: str) -> Named:
        held = []
        for i, weight in enumerate(weights):
            rows, columns = self.call.lowering.array(weight).shape
            ordered = self._ordered(weight, f"{part}{i}")
            held.append(self.call.reshape(ordered, [1, rows, columns], f"{part}{i}"))
        return self._directions(held, part)

    def _bias(self, pairs: Sequence[tuple[str, str]], part: str) -> Named:
        held = []
        for i, pair in enumerate(pairs):
            ordered = [self._ordered(b, f"{part}{i}/{j}") for j, b in enumerate(pair)]
            both = self.call.emit("Concat", *ordered, part=f"{part}{i}/both", axis=0)
            held.append(self.call.reshape(both, [1, -1], f"{part}{i}"))
        return self._directions(held, part)

    def layer(
        self, tensor: str, parameters: Sequence[Sequence[str]], states: Sequence[str], part: str
    ) -> tuple[Named, ...]:
        """Write one layer.

        `parameters` has those of each direction: input weight, hidden weight, their biases.
        `states` has "" for zeros. Returns (N, T, D·H) and the last states (N, D, H).
        """
        weights = [self._matrix([p[i] for p in parameters], f"{part}/{'WR'[i]}") for i in (0, 1)]
        bias = ""
        if self.biased:
            bias = self._bias([(p[2], p[3]) for p in parameters], f"{part}/B")
        inputs = [tensor, *weights, bias, "", *states]
        while inputs[-1] == "":
            inputs.pop()
        count = 3 if self.op == "LSTM" else 2
        hidden = self.call.lowering.array(parameters[0][1]).shape[-1]
        y, *last = self.call.emit_several(
            self.op, *inputs, parts=[f"{part}/{name}" for name in ("Y", "Y_h", "Y_c")[:count]],
            part=part, hidden_size=int(hidden), layout=1,
            direction="bidirectional" if self.directions == 2 else "forward", **self.attributes,
        )  # fmt: skip
        width = self.directions * int(hidden)
        return self.call.reshape(y, [0, 0, width], f"{part}/out"), *last


def recurrence(
    call: Call, op: str, input: fx.Node, states: Any, weights: Sequence[str], *,
    biased: bool, layers: int, ratio: float, training: bool, bidirectional: bool,
    batch_first: bool, attributes: dict[str, Any],
) -> tuple[Any, ...]:  # fmt: skip
    """Write a whole recurrent module; return (output, last state, …), flat."""
    if call.rank(input) != 3:
        raise ExportError("gets a sequence without an axis of samples")
    stack = _Recurrence(call, op, attributes, bidirectional, biased)
    tensor: str = call.tensor(input)
    if not batch_first:
        tensor = call.transpose(tensor, (1, 0, 2), "batch_first")
    given = _initial(call, states)
    per, lasts = 4 if biased else 2, []
    for i in range(layers):
        first = i * stack.directions * per
        parameters = [
            weights[first + d * per : first + (d + 1) * per] for d in range(stack.directions)
        ]
        held = [state and _part(call, state, i, stack.directions, layers) for state in given]
        tensor, *last = stack.layer(tensor, parameters, held, f"layer{i}")
        lasts.append(last)
        if ratio and training and i + 1 < layers:
            tensor = dropout(call, tensor, ratio, f"dropout{i}")
    output = Named(tensor)
    if not batch_first:
        output = call.transpose(output, (1, 0, 2), "time_first")
    return output, *(_stacked(call, list(part)) for part in zip(*lasts, strict=True))


def _initial(call: Call, states: Any) -> list[str]:
    """Name the initial states, batch first; "" where they are zero."""
    result = []
    for state in call.items(states):
        if state is None or call.lowering.fills.get(state) == 0:
            result.append("")
            continue
        result.append(call.transpose(call.tensor(state), (1, 0, 2), "state"))
    return result


def _part(call: Call, state: str, layer: int, directions: int, layers: int) -> str:
    if layers == 1:
        return state
    span = [call.integers([n], "states") for n in
            (layer * directions, (layer + 1) * directions, 1)]  # fmt: skip
    return call.emit("Slice", state, *span, part=f"layer{layer}/initial")


def _stacked(call: Call, lasts: list[Named]) -> Named:
    """Put the last states of all layers together, in PyTorch's order of the axes."""
    tensor = lasts[0] if len(lasts) == 1 else call.emit("Concat", *lasts, part="last", axis=1)
    return call.transpose(tensor, (1, 0, 2), "states")


_PROJECTED = (
    "has a proj_size: it feeds a projection of its state back, which no run can express; train it "
    "without, with a Linear after it where a narrower output is needed"
)


def _module(op: str, call: Call, owner: Any, input: fx.Node, hx: Any = None) -> Any:
    if getattr(owner, "proj_size", 0):
        raise ExportError(_PROJECTED)
    weights = [str(call.param(name)) for group in owner._all_weights for name in group]
    attributes: dict[str, Any] = {}
    if op == "GRU":
        attributes["linear_before_reset"] = 1
    if op == "RNN":
        activation = "Relu" if owner.nonlinearity == "relu" else "Tanh"
        attributes["activations"] = [activation] * (2 if owner.bidirectional else 1)
    output, *last = recurrence(
        call, op, input, hx, weights, biased=owner.bias, layers=owner.num_layers,
        ratio=owner.dropout, training=owner.training, bidirectional=owner.bidirectional,
        batch_first=owner.batch_first, attributes=attributes,
    )  # fmt: skip
    return output, tuple(last) if op == "LSTM" else last[0]


module(nn.LSTM)(lambda call, owner, input, hx=None: _module("LSTM", call, owner, input, hx))
module(nn.GRU)(lambda call, owner, input, hx=None: _module("GRU", call, owner, input, hx))
module(nn.RNN)(lambda call, owner, input, hx=None: _module("RNN", call, owner, input, hx))


def _aten(name: str, op: str, attributes: dict[str, Any]) -> None:
    @aten(name)
    def _write(
        call: Call, input: fx.Node, hx: Any, params: Any, has_biases: bool, num_layers: int,
        dropout: float, train: bool, bidirectional: bool, batch_first: bool,
    ) -> Any:  # fmt: skip
        own = (4 if has_biases else 2) * int(num_layers) * (2 if bidirectional else 1)
        if len(params) != own:
            raise ExportError(_PROJECTED)
        held = dict(attributes)
        if op == "RNN":
            held["activations"] = held["activations"] * (2 if bidirectional else 1)
        return recurrence(
            call, op, input, hx, [call.tensor(p) for p in params], biased=has_biases,
            layers=num_layers, ratio=dropout, training=train, bidirectional=bidirectional,
            batch_first=batch_first, attributes=held,
        )  # fmt: skip


_aten("lstm", "LSTM", {})
_aten("gru", "GRU", {"linear_before_reset": 1})
_aten("rnn_tanh", "RNN", {"activations": ["Tanh"]})
_aten("rnn_relu", "RNN", {"activations": ["Relu"]})
