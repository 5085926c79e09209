"""Cross-entropies of keras.ops, where a loss that is traced calls them."""

from __future__ import annotations

import keras

from ...._errors import ExportError
from ..call import Call
from ..value import Value


def _both(call: Call) -> tuple[str, str, bool]:
    """Name targets and predictions in one layout."""
    values = [call.operand(call.argument(i, name)) for i, name in enumerate(("target", "output"))]
    (target, output), is_first = call.same_layout(*values)
    return target, output, is_first


def _bounded(call: Call, output: str) -> str:
    """Keep probabilities off 0 and 1, as Keras does."""
    epsilon = float(keras.config.epsilon())
    least, most = call.number(epsilon, "least"), call.number(1.0 - epsilon, "most")
    return call.emit("Clip", output, least, most, part="bounded")


def binary_crossentropy(call: Call) -> Value:
    """Write the entropy of events of some probability, or of some logit."""
    target, output, is_first = _both(call)
    one = call.number(1.0, "one")
    against = call.emit("Sub", one, target, part="against")
    if getattr(call.op, "from_logits", False):
        far = call.emit("Mul", against, output, part="far")
        negated = call.emit("Neg", output, part="negated")
        soft = call.emit("Softplus", negated, part="softplus")
        return call.wrap(call.emit("Add", far, soft), is_first)
    p = _bounded(call, output)
    yes = call.emit("Mul", target, call.emit("Log", p, part="log"), part="yes")
    rest = call.emit("Log", call.emit("Sub", one, p, part="rest"), part="log_rest")
    no = call.emit("Mul", against, rest, part="no")
    return call.wrap(call.emit("Neg", call.emit("Add", yes, no, part="sum")), is_first)


def categorical_crossentropy(call: Call) -> Value:
    """Write the entropy of classes over the last axis, p normalised and bounded, or of logits."""
    values = [call.operand(call.argument(i, name)) for i, name in enumerate(("target", "output"))]
    axis = int(getattr(call.op, "axis", -1))
    if values[1].axis(axis) != values[1].rank - 1:
        raise ExportError(f"has axis {axis}; only the last one can be replayed")
    target, output = (call.native(value) for value in values)
    axes = call.integers([values[1].rank - 1], "axes")
    if getattr(call.op, "from_logits", False):
        logs = call.emit("LogSoftmax", output, part="log_softmax", axis=-1)
    else:
        total = call.emit("ReduceSum", output, axes, part="total", keepdims=1)
        share = call.emit("Div", output, total, part="share")
        logs = call.emit("Log", _bounded(call, share), part="log")
    products = call.emit("Mul", target, logs, part="products")
    total = call.emit("ReduceSum", products, axes, part="sum", keepdims=0)
    return call.value(call.emit("Neg", total))
