"""Wrappers: the same layer at every step of a sequence."""

from __future__ import annotations

import math

import keras

from ...._errors import ExportError
from ..call import Call
from ..value import Value

#: Layers that treat every step alike by themselves.
_STEPWISE = ("Dense", "Activation", "Dropout", "ReLU", "LeakyReLU", "ELU", "Identity")


def time_distributed(call: Call) -> Value:
    """keras.layers.TimeDistributed; steps become samples where the layer needs it."""
    inner, x = call.op.layer, call.operand(call.args[0])
    if call.lowering.training and any(
        isinstance(part, keras.layers.BatchNormalization) and part.trainable
        for part in inner._flatten_layers()
    ):
        raise ExportError(
            "holds a BatchNormalization, which it gives each step by itself; put one behind it"
        )
    name = f"{call.layer}/{inner.name}"
    if type(inner).__name__ in _STEPWISE:
        whole = call.other(inner, name, (x,), {}, call.outputs)
        return call.lowering.run(whole)[0]
    steps, rest = x.shape[1], x.shape[2:]
    if steps is None or None in rest:
        raise ExportError("has an input of unknown length; give it a fixed shape")
    one = Value((None, *rest), x.dtype)
    one.native = call.reshape(call.native(x), [-1, *(int(length or 1) for length in rest)], "rows")
    after = tuple(inner.compute_output_shape(one.shape))
    outputs = [keras.KerasTensor(after, call.outputs[0].dtype)]
    result = call.lowering.run(call.other(inner, name, (one,), {}, outputs))[0]
    width = [int(length or 1) for length in after[1:]]
    if not math.prod(width):
        raise ExportError("gives rows of no length")
    return call.value(call.reshape(call.native(result), [-1, steps, *width]))
