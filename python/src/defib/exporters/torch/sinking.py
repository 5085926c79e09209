"""Lets operators work below a transpose that has moved the samples away from axis 0.

Scripts that keep time on axis 0, as torch.nn does by default, would otherwise cost a run its free
batches. An operator that does not care in which order the axes are works on the tensor before the
transpose, which moves behind it, and away where another one undoes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .lowering import Lowering

_UNARY = frozenset(
    {"Relu", "LeakyRelu", "Sigmoid", "Tanh", "Elu", "Selu", "Celu", "Gelu", "Softplus", "Softsign",
     "HardSigmoid", "HardSwish", "Swish", "Mish", "ThresholdedRelu", "Clip", "Erf", "Identity",
     "Dropout", "Exp", "Log", "Sqrt", "Abs", "Neg", "Reciprocal", "Sin", "Cos", "Sign", "Floor",
     "Not", "Cast"}
)  # fmt: skip
_BROADCASTING = frozenset(
    {"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Equal", "Greater", "Less", "And", "Or",
     "GreaterOrEqual", "LessOrEqual", "Where"}
)  # fmt: skip
_ALONG_LAST = frozenset({"LayerNormalization", "RMSNormalization", "Softmax", "LogSoftmax"})

#: What an operator is to read: a tensor, and whether it must be brought into the order first.
Input = tuple[str, bool]


def below(
    lowering: Lowering, op: str, inputs: Sequence[str], attributes: Mapping[str, Any]
) -> tuple[list[Input], tuple[int, ...]] | None:
    """Return what to feed the operator instead, and the order of axes that then follows it.

    None: the operator stays where it is.
    """
    orders = {
        lowering.transposes[name][1]
        for name in inputs
        if name in lowering.transposes and lowering.transposes[name][1][0] != 0
    }
    orders = {order for order in orders if len(order) > 2}
    if len(orders) != 1:
        return None
    (order,) = orders
    last_stays = order[-1] == len(order) - 1
    if op in _UNARY:
        return [(_source(lowering, inputs[0]), False), *((n, False) for n in inputs[1:])], order
    if op in _ALONG_LAST or op == "MatMul":
        first = lowering.transposes.get(inputs[0])
        along_last = op == "MatMul" or attributes.get("axis") in (-1, len(order) - 1)
        if first is None or first[1] != order or not last_stays or not along_last:
            return None
        if op == "MatMul" and _rank(lowering, inputs[1]) != 2:
            return None
        return [(first[0], False), *((n, False) for n in inputs[1:])], order
    if op not in _BROADCASTING:
        return None
    held: list[Input] = []
    for name in inputs:
        if lowering.transposes.get(name, ("", ()))[1] == order:
            held.append((_source(lowering, name), False))
            continue
        rank = _rank(lowering, name)
        if rank == 0 or (rank == 1 and last_stays):
            held.append((name, False))
        elif rank == len(order):
            held.append((name, True))
        else:
            return None
    return held, order


def _source(lowering: Lowering, name: str) -> str:
    return lowering.transposes[name][0]


def _rank(lowering: Lowering, name: str) -> int | None:
    """Return the number of axes of a tensor that does not follow the batch; None: it does."""
    document = lowering.document
    name = lowering.transposes.get(name, (name, ()))[0]
    for entry in document.parameters:
        if entry["name"] == name:
            return document.array_of(name).ndim
    for node in reversed(document.nodes):
        if name in node["outputs"] and node["op"] == "Constant":
            return 1 if "value_ints" in node["attributes"] else 0
    return None
