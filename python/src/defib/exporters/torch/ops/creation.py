"""Tensors that depend on no data.

They become constants of the run, or, where their shape follows the batch, one row for every
sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ...._errors import ExportError
from ..call import Call
from ..registry import function


def _fill(call: Call, value: float) -> None:
    if None in call.out():
        call.lowering.fills[call.node] = float(value)
    else:
        kind, sizes = call.lowering.kind(call.node), call.lowering.sizes(call.node)
        call.lowering.constants[call.node] = torch.full(sizes, value, dtype=kind)


def _filled(value: float, *names: str) -> None:
    @function(*names)
    def handle(call: Call, *_: Any, **__: Any) -> None:
        _fill(call, value)


_filled(0, "zeros", "zeros_like", "new_zeros", "zero")
# What stands there before something else is written into it proves nothing.
_filled(0, "empty", "empty_like", "new_empty")
_filled(1, "ones", "ones_like", "new_ones")


@function("full", "full_like", "new_full", "fill")
def _full(call: Call, *given: Any, **named: Any) -> None:
    value = named["fill_value"] if "fill_value" in named else given[-1]
    _fill(call, float(call.value(value)))


#: What makes a tensor of sizes and numbers alone.
FACTORIES = frozenset(
    {"arange", "linspace", "logspace", "eye", "tensor", "as_tensor", "scalar_tensor", "full",
     "zeros", "ones", "tril_indices", "triu_indices", "_generate_square_subsequent_mask"}
)  # fmt: skip


@function("arange")
def _arange(call: Call, *given: Any, **_: Any) -> str:
    """Count along the batch: the sum of ones up to each of them."""
    held = list(given)
    if len(held) > 2 or call.out() != (None,):
        raise ExportError("has as many elements as the batch has samples, with a step")
    first = call.value(held[0]) if len(held) == 2 else 0
    ones = call.follow_batch(call.constant(np.ones(1, np.float32), "one"), (None,))
    count = call.emit("CumSum", ones, call.integer(0, "axis"), part="count")
    return call.emit("Sub", count, call.number(1.0 - first, "first"))


@function("linspace", "logspace", "eye", "scalar_tensor")
def _sized(call: Call, *_: Any, **__: Any) -> None:
    raise ExportError("has as many elements as the batch has samples")
