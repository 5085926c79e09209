"""Multi-head attention by ONNX's Attention."""

from __future__ import annotations

from typing import Any

from ...._errors import ExportError
from ..call import Call
from ..value import Value
from .masks import Queries, of_attention


def multi_head_attention(call: Call) -> Value:
    """keras.layers.MultiHeadAttention over one axis of steps."""
    layer = call.op
    if getattr(layer, "_use_gate", False) or getattr(layer, "_sliding_window", None):
        raise ExportError("has a gate or a sliding window, which cannot be replayed")
    if layer._attention_axes is not None and tuple(layer._attention_axes) != (1,):
        raise ExportError(f"has attention_axes {layer._attention_axes}; only one axis can be used")
    heads = int(layer._num_heads)
    return _attend(call, heads, heads, float(layer._inverse_sqrt_key_dim))


def grouped_query_attention(call: Call) -> Value:
    """keras.layers.GroupQueryAttention."""
    layer = call.op
    if getattr(layer, "use_gate", False) or getattr(layer, "sliding_window", None):
        raise ExportError("has a gate or a sliding window, which cannot be replayed")
    heads, groups = int(layer.num_query_heads), int(layer.num_key_value_heads)
    return _attend(call, heads, groups, float(layer.head_dim) ** -0.5)


def _attend(call: Call, heads: int, groups: int, scale: float) -> Value:
    layer = call.op
    query, value = call.operand(call.argument(0, "query")), call.operand(call.argument(1, "value"))
    key = call.argument(2, "key")
    key = value if key is None else call.operand(key)
    if query.rank != 3 or value.rank != 3:
        raise ExportError("gets more than one axis of steps; reshape to (samples, steps, units)")
    if call.argument(7, "return_attention_scores", False):
        raise ExportError("is called with return_attention_scores=True; call it without")
    inputs = [
        _projected(call, layer._query_dense, query, "query"),
        _projected(call, layer._key_dense, key, "key"),
        _projected(call, layer._value_dense, value, "value"),
    ]
    mask, queries = call.argument(6, "attention_mask"), call.kwargs.get("query_mask")
    is_causal = bool(call.argument(9, "use_causal_mask", False))
    sizes = None
    if queries is not None and is_causal:
        if None in (query.shape[1], value.shape[1]):
            raise ExportError("is called with a mask over steps of no fixed number; fix it")
        sizes, is_causal = (int(query.shape[1]), int(value.shape[1])), False  # type: ignore[arg-type]
    joined = of_attention(call, None if mask is None else call.operand(mask, "mask"), sizes)
    if joined is not None:
        inputs.append(_mask(call, joined))
    if queries is not None:
        held = Queries(call, call.operand(queries, "query_mask"))
        inputs[0] = held.kept(inputs[0])
        if joined is not None:
            inputs[3] = held.only(inputs[3])
    attributes: dict[str, Any] = {
        "q_num_heads": heads, "kv_num_heads": groups, "scale": scale, "is_causal": int(is_causal),
    }  # fmt: skip
    mixed = call.emit("Attention", *inputs, part="attention", **attributes)
    return call.value(_output(call, layer._output_dense, mixed))


def _projected(call: Call, dense: Any, x: Value, name: str) -> str:
    """Project to all heads at once: kernel (inputs, heads, width) as (inputs, heads · width)."""
    inputs, heads, width = (int(length) for length in dense.kernel.shape)
    kernel = call.reshape(call.weight(dense.kernel), [inputs, heads * width], f"{name}/flat")
    if dense.bias is None:
        return call.emit("MatMul", call.native(x), kernel, part=name)
    product = call.emit("MatMul", call.native(x), kernel, part=f"{name}/product")
    bias = call.reshape(call.weight(dense.bias), [heads * width], f"{name}/flat_bias")
    return call.emit("Add", product, bias, part=name)


def _output(call: Call, dense: Any, mixed: str) -> str:
    heads, width, *units = (int(length) for length in dense.kernel.shape)
    if len(units) != 1:
        raise ExportError("has an output_shape of several axes; use one and a Reshape")
    kernel = call.reshape(call.weight(dense.kernel), [heads * width, *units], "output/flat")
    if dense.bias is None:
        return call.emit("MatMul", mixed, kernel)
    product = call.emit("MatMul", mixed, kernel, part="output/product")
    return call.emit("Add", product, call.weight(dense.bias))


def _mask(call: Call, mask: Value) -> str:
    """Turn 1 for "look" and 0 for "do not" into what is added to the scores."""
    if mask.rank == 3:
        axis = call.integers([1], "mask/axis")
        mask = Value(
            (mask.shape[0], 1, *mask.shape[1:]), mask.dtype,
            call.emit("Unsqueeze", call.native(mask), axis, part="mask/heads"),
        )  # fmt: skip
    number = call.emit("Cast", call.native(mask), part="mask/number", to=1)
    below = call.emit("Sub", number, call.number(1.0, "mask/one"), part="mask/below")
    return call.emit("Mul", below, call.number(1e9, "mask/large"), part="mask")
