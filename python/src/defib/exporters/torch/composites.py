"""Transformers without the fast paths of torch.nn, which choose their path by the data.

Each function is the forward pass of a module of torch.nn as its documentation states it; the
layers inside are traced as usual, under their own names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn


def _encoder_layer(
    self: Any, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None,
    is_causal: bool = False,
) -> Any:  # fmt: skip
    def attend(x: Any) -> Any:
        held = self.self_attn(
            x, x, x, attn_mask=src_mask, key_padding_mask=src_key_padding_mask, need_weights=False
        )
        return self.dropout1(held[0])

    if self.norm_first:
        x = src + attend(self.norm1(src))
        return x + _feed_forward(self, self.norm2(x), self.dropout2)
    x = self.norm1(src + attend(src))
    return self.norm2(x + _feed_forward(self, x, self.dropout2))


def _feed_forward(self: Any, x: Any, dropout: Any) -> Any:
    return dropout(self.linear2(self.dropout(self.activation(self.linear1(x)))))


def _decoder_layer(
    self: Any, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None,
    tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None,
    tgt_is_causal: bool = False, memory_is_causal: bool = False,
) -> Any:  # fmt: skip
    def attend(x: Any) -> Any:
        held = self.self_attn(
            x, x, x, attn_mask=tgt_mask, key_padding_mask=tgt_key_padding_mask, need_weights=False
        )
        return self.dropout1(held[0])

    def look(x: Any) -> Any:
        held = self.multihead_attn(
            x, memory, memory, attn_mask=memory_mask, key_padding_mask=memory_key_padding_mask,
            need_weights=False,
        )  # fmt: skip
        return self.dropout2(held[0])

    if self.norm_first:
        x = tgt + attend(self.norm1(tgt))
        x = x + look(self.norm2(x))
        return x + _feed_forward(self, self.norm3(x), self.dropout3)
    x = self.norm1(tgt + attend(tgt))
    x = self.norm2(x + look(x))
    return self.norm3(x + _feed_forward(self, x, self.dropout3))


def _encoder(
    self: Any, src: Any, mask: Any = None, src_key_padding_mask: Any = None, is_causal: Any = None
) -> Any:
    for layer in self.layers:
        src = layer(src, src_mask=mask, src_key_padding_mask=src_key_padding_mask)
    return src if self.norm is None else self.norm(src)


def _decoder(
    self: Any, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None,
    tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None,
    tgt_is_causal: Any = None, memory_is_causal: Any = False,
) -> Any:  # fmt: skip
    for layer in self.layers:
        tgt = layer(
            tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
        )  # fmt: skip
    return tgt if self.norm is None else self.norm(tgt)


def _transformer(
    self: Any, src: Any, tgt: Any, src_mask: Any = None, tgt_mask: Any = None,
    memory_mask: Any = None, src_key_padding_mask: Any = None, tgt_key_padding_mask: Any = None,
    memory_key_padding_mask: Any = None, src_is_causal: Any = None, tgt_is_causal: Any = None,
    memory_is_causal: Any = False,
) -> Any:  # fmt: skip
    memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask)
    return self.decoder(
        tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
        tgt_key_padding_mask=tgt_key_padding_mask,
        memory_key_padding_mask=memory_key_padding_mask,
    )  # fmt: skip


#: module of torch.nn -> its forward pass, to be traced instead of its own
FORWARDS: dict[type[nn.Module], Callable[..., Any]] = {
    nn.TransformerEncoderLayer: _encoder_layer,
    nn.TransformerDecoderLayer: _decoder_layer,
    nn.TransformerEncoder: _encoder,
    nn.TransformerDecoder: _decoder,
    nn.Transformer: _transformer,
}
