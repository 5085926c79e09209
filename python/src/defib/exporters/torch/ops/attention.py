"""Attention: the function, and the module with its projections."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import fx, nn

from ...._errors import ExportError
from ...nodes import Named
from ..call import Call
from ..registry import function, module
from .products import linear


def _additive(call: Call, mask: Any, hidden: bool, part: str) -> str:
    """Return a mask that is added to the scores; a boolean one hides where it is `hidden`.

    Numbers and truth values look alike in a run, so boolean masks become numbers here.
    """
    tensor = call.tensor(mask)
    if isinstance(mask, Named) or call.lowering.kind(mask) != torch.bool:
        return tensor
    zero, never = call.number(0), call.number(-math.inf)
    return call.emit("Where", tensor, *((never, zero) if hidden else (zero, never)), part=part)


@function("scaled_dot_product_attention")
def _attention(
    call: Call, query: fx.Node, key: fx.Node, value: fx.Node, attn_mask: Any = None,
    dropout_p: float = 0.0, is_causal: bool = False, *, scale: Any = None,
    enable_gqa: bool = False,
) -> str:  # fmt: skip
    rank = call.rank(query)
    if rank > 4:
        return _many_axes(call, [query, key, value], attn_mask, is_causal, scale)
    if rank not in (3, 4):
        raise ExportError(f"gets queries with {rank} axes; expected 3 or more")
    attributes: dict[str, Any] = {}
    if call.value(scale) is not None:
        attributes["scale"] = float(call.value(scale))
    if call.value(is_causal):
        attributes["is_causal"] = 1
    if rank == 3:
        attributes |= {"q_num_heads": 1, "kv_num_heads": 1}
    held = [call.tensor(item) for item in (query, key, value)]
    if attn_mask is not None:
        mask = _additive(call, attn_mask, False, "mask")
        if rank == 3 and call.rank(attn_mask) == 3:  # one mask per sample, not one per head
            _, *lengths = call.shape(attn_mask)
            mask = call.reshape(mask, [-1 if n is None else n for n in
                                       (call.shape(attn_mask)[0], 1, *lengths)],
                                "mask/heads")  # fmt: skip
        held.append(mask)
    return call.emit("Attention", *held, **attributes)


def _many_axes(call: Call, held: list[fx.Node], attn_mask: Any, is_causal: Any, scale: Any) -> str:
    """Take all axes between the samples and the sequence for heads."""
    if attn_mask is not None and call.rank(attn_mask) > 2:
        raise ExportError("gets a mask of more than two axes for queries of five; reshape to four")
    attributes: dict[str, Any] = {}
    if call.value(scale) is not None:
        attributes["scale"] = float(call.value(scale))
    if call.value(is_causal):
        attributes["is_causal"] = 1
    inputs = []
    for node, part in zip(held, ("query", "key", "value"), strict=True):
        _, *lengths = call.shape(node)
        if None in lengths:
            raise ExportError("has the size of the batch on another axis than the first")
        heads = math.prod(int(length or 1) for length in lengths[:-2])
        target = [0, heads, *(int(length or 1) for length in lengths[-2:])]
        inputs.append(call.reshape(call.tensor(node), target, f"{part}/heads"))
    if attn_mask is not None:
        inputs.append(Named(_additive(call, attn_mask, False, "mask")))
    whole = call.emit("Attention", *inputs, part="heads", **attributes)
    return call.reshape(whole, [0, *(int(length or 1) for length in call.out()[1:])])


class _Module:
    """Writes an nn.MultiheadAttention."""

    def __init__(self, call: Call, owner: Any) -> None:
        self.call, self.owner = call, owner

    def project(self, query: fx.Node, key: fx.Node, value: fx.Node) -> list[str]:
        """Return the projected query, key and value, batch first."""
        call, owner = self.call, self.owner
        sources = []
        for node, part in ((query, "query"), (key, "key"), (value, "value")):
            tensor = call.tensor(node)
            if not owner.batch_first:
                tensor = call.transpose(tensor, (1, 0, 2), f"{part}/batch_first")
            sources.append(tensor)
        width, parts = owner.embed_dim, ("q", "k", "v")
        weight, bias = call.param("in_proj_weight"), call.param("in_proj_bias")
        if weight is not None and query is key and key is value:
            packed = linear(call, sources[0], 3, weight, bias, "in_proj")
            sizes = call.integers([width] * 3, "sizes")
            return list(
                call.emit_several("Split", packed, sizes, parts=parts, part="split", axis=2)
            )
        weights: list[Any] = [call.param(f"{part}_proj_weight") for part in parts]
        sizes = call.integers([width] * 3, "sizes")
        if weight is not None:
            names = [f"{part}_proj/part" for part in parts]
            weights = list(
                call.emit_several("Split", weight, sizes, parts=names, part="weights", axis=0)
            )
        biases: list[Any] = [None] * 3
        if bias is not None:
            names = [f"{part}_proj/bias" for part in parts]
            biases = list(
                call.emit_several("Split", bias, sizes, parts=names, part="biases", axis=0)
            )
        return [
            linear(call, source, 3, w, b, f"{part}_proj")
            for source, w, b, part in zip(sources, weights, biases, parts, strict=True)
        ]

    def mask(self, attn_mask: Any, key_padding_mask: Any) -> str:
        """Return what is added to the scores (N, heads, T, S); "" for nothing."""
        call, masks = self.call, []
        if attn_mask is not None:
            mask = _additive(call, attn_mask, True, "mask")
            if call.rank(attn_mask) == 3:
                _, *lengths = call.shape(attn_mask)
                target = [-1, self.owner.num_heads, *(int(n or 0) for n in lengths)]
                mask = call.reshape(mask, target, "mask/heads")
            masks.append(mask)
        if key_padding_mask is not None:
            keys = _additive(call, key_padding_mask, True, "keys")
            length = int(call.shape(key_padding_mask)[1] or 0)
            masks.append(call.reshape(keys, [0, 1, 1, length], "keys/wide"))
        if len(masks) == 2:
            return call.emit("Add", *masks, part="masks")
        return masks[0] if masks else ""


@module(nn.MultiheadAttention)
def _multihead(
    call: Call, owner: Any, query: fx.Node, key: fx.Node, value: fx.Node,
    key_padding_mask: Any = None, need_weights: bool = True, attn_mask: Any = None,
    average_attn_weights: bool = True, is_causal: bool = False,
) -> Any:  # fmt: skip
    if call.rank(query) != 3:
        raise ExportError("gets a sequence without an axis of samples")
    if owner.bias_k is not None or owner.add_zero_attn:
        raise ExportError("has add_bias_kv or add_zero_attn, which no run can express")
    parts = _Module(call, owner)
    held = parts.project(query, key, value)
    mask = parts.mask(attn_mask, key_padding_mask)
    heads = {"q_num_heads": owner.num_heads, "kv_num_heads": owner.num_heads}
    joined = call.emit("Attention", *held, *([mask] if mask else []), part="attention", **heads)
    path = f"{call.node.target}.out_proj"
    weight = call.lowering.attribute(f"{path}.weight")
    bias = None if owner.out_proj.bias is None else call.lowering.attribute(f"{path}.bias")
    result = linear(call, joined, 3, weight, bias)
    if not owner.batch_first:
        result = call.transpose(result, (1, 0, 2), "time_first")
    return result, None
