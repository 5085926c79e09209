"""Embeddings: rows of a table."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import fx, nn

from ...._errors import ExportError
from ..call import Call
from ..registry import ATEN, function, module
from .reductions import reduce


@function("embedding")
def embedding(
    call: Call, input: fx.Node, weight: Any, padding_idx: int | None = None, max_norm: Any = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
) -> str:  # fmt: skip
    """Write a Gather; the row of `padding_idx` is a constant, because PyTorch never trains it."""
    if max_norm is not None:
        raise ExportError("has a max_norm, which changes the weights as they are read")
    if scale_grad_by_freq:
        raise ExportError("scales its gradients by frequency, which no run can express")
    index, table = call.tensor(input), call.tensor(weight)
    if padding_idx is None:
        return call.emit("Gather", table, index, axis=0)
    array = call.lowering.array(table)
    row = padding_idx % len(array)
    gathered = call.emit("Gather", table, index, part="rows", axis=0)
    is_pad = call.emit("Equal", index, call.number(row), part="is_padding")
    shape = [0 if n is None and i == 0 else -1 if n is None else n
             for i, n in enumerate(call.shape(input))]  # fmt: skip
    column = call.reshape(is_pad, [*shape, 1], "column")
    return call.emit("Where", column, call.constant(np.array(array[row]), "padding"), gathered)


ATEN["embedding"] = lambda call, weight, indices, padding_idx=-1, by_frequency=False, *_: (
    embedding(
        call, indices, weight, None if padding_idx < 0 else padding_idx,
        scale_grad_by_freq=by_frequency,
    )
)  # fmt: skip


@module(nn.Embedding)
def _embedding(call: Call, owner: Any, input: fx.Node) -> str:
    return embedding(
        call, input, call.param("weight"), owner.padding_idx, owner.max_norm, owner.norm_type,
        owner.scale_grad_by_freq,
    )  # fmt: skip


_BAGS = {"mean": "ReduceMean", "sum": "ReduceSum", "max": "ReduceMax"}


@module(nn.EmbeddingBag)
def _embedding_bag(
    call: Call, owner: Any, input: fx.Node, offsets: Any = None, per_sample_weights: Any = None
) -> str:
    if offsets is not None or call.rank(input) != 2:
        raise ExportError("gets bags of different lengths; pad them to one length")
    if per_sample_weights is not None or owner.padding_idx is not None:
        raise ExportError("has per_sample_weights or a padding_idx; use an Embedding and a sum")
    if owner.max_norm is not None or owner.scale_grad_by_freq:
        raise ExportError("has max_norm or scale_grad_by_freq, which no run can express")
    table = call.param("weight")
    rows = call.emit("Gather", str(table), call.tensor(input), part="rows", axis=0)
    return reduce(call, _BAGS[owner.mode], rows, [1], False)


@function("one_hot")
def _one_hot(call: Call, input: fx.Node, num_classes: int = -1) -> str:
    if num_classes < 0:
        raise ExportError("has no num_classes, so its shape depends on the data")
    shape = [-1 if n is None else n for n in call.shape(input)]
    if shape and shape[0] == -1:
        shape[0] = 0
    column = call.reshape(call.tensor(input), [*shape, 1], "column")
    return call.emit("Equal", column, call.integers(range(num_classes), "classes"))
