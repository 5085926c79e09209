"""Transformers with every usual mask: of padding, causal, both, by -inf and by a number."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from .fitting import Tensor

WIDTH, WORDS, LENGTH = 24, 13, 10


class Embedded(nn.Module):
    """Tokens and their places, as vectors."""

    def __init__(self, words: int = WORDS, length: int = LENGTH) -> None:
        super().__init__()
        self.token = nn.Embedding(words, WIDTH)
        self.place = nn.Parameter(0.1 * torch.randn(1, length, WIDTH))

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (n, steps) to (n, steps, WIDTH)."""
        x: Tensor = self.token(tokens) + self.place
        return x


def _layers(count: int = 1, *, dropout: float = 0.0) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(WIDTH, 2, 48, dropout, batch_first=True)
    return nn.TransformerEncoder(layer, count, enable_nested_tensor=False)


class Reader(nn.Module):
    """Reads a padded text to a class: the padding is masked, and left out of the mean."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.embedded, self.encoder = Embedded(), _layers(dropout=dropout)
        self.head = nn.Linear(WIDTH, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (n, steps) to (n, 3)."""
        padding = tokens == 0
        x = self.encoder(self.embedded(tokens), src_key_padding_mask=padding)
        there = (~padding).unsqueeze(-1).float()
        out: Tensor = self.head((x * there).sum(1) / there.sum(1))
        return out


class Writer(nn.Module):
    """Says the next word at each place, with a causal mask of `kind`."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.embedded, self.encoder = Embedded(), _layers(2)
        self.head = nn.Linear(WIDTH, WORDS)
        mask = nn.Transformer.generate_square_subsequent_mask(LENGTH)
        self.register_buffer("mask", mask if kind != "boolean" else mask.isinf())

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (n, steps) to (n, words, steps)."""
        x = self.encoder(self.embedded(tokens), mask=self.mask, is_causal=self.kind == "hinted")
        out: Tensor = self.head(x).transpose(1, 2)
        return out


class Block(nn.Module):
    """A block of a GPT, written by hand; `fused` leaves attention to one function."""

    def __init__(self, fused: bool) -> None:
        super().__init__()
        self.fused = fused
        self.first, self.second = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.wide, self.back = nn.Linear(WIDTH, 48), nn.Linear(48, WIDTH)
        self.register_buffer("tril", torch.tril(torch.ones(LENGTH, LENGTH)).view(1, 1, LENGTH, -1))

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, steps, WIDTH) to the same."""
        n, steps, width = x.shape
        parts = self.qkv(self.first(x)).split(width, dim=2)
        q, k, v = (part.view(n, steps, 2, width // 2).transpose(1, 2) for part in parts)
        if self.fused:
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = q @ k.transpose(-2, -1) / math.sqrt(width // 2)
            tril: Tensor = self.tril  # type: ignore[assignment]
            scores = scores.masked_fill(tril[:, :, :steps, :steps] == 0, float("-inf"))
            mixed = F.softmax(scores, dim=-1) @ v
        x = x + self.out(mixed.transpose(1, 2).contiguous().view(n, steps, width))
        out: Tensor = x + self.back(F.gelu(self.wide(self.second(x))))
        return out


class Gpt(nn.Module):
    """A small GPT."""

    def __init__(self, fused: bool) -> None:
        super().__init__()
        self.embedded = Embedded()
        self.blocks = nn.Sequential(Block(fused), Block(fused))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WORDS, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (n, steps) to (n, words, steps)."""
        out: Tensor = self.head(self.norm(self.blocks(self.embedded(tokens)))).transpose(1, 2)
        return out


class Bert(nn.Module):
    """Attention by hand with an additive mask of the smallest number, and a first token to read."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded = Embedded()
        self.q, self.k, self.v = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 3)
        self.wide, self.back = nn.Linear(WIDTH, 48), nn.Linear(48, WIDTH)
        self.last = nn.LayerNorm(WIDTH)

    def forward(self, tokens: Tensor, attention_mask: Tensor) -> Tensor:
        """Map (n, steps) and which of them count, to (n, 3)."""
        x = self.embedded(tokens)
        mask = (1.0 - attention_mask[:, None, :]) * torch.finfo(torch.float32).min
        scores = self.q(x) @ self.k(x).transpose(1, 2) / math.sqrt(WIDTH) + mask
        x = self.norm(x + F.softmax(scores, dim=-1) @ self.v(x))
        x = self.last(x + self.back(F.gelu(self.wide(x))))
        out: Tensor = self.head(x[:, 0])
        return out


class Both(nn.Module):
    """nn.MultiheadAttention with the padding masked and a causal mask; running classes."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded = Embedded()
        self.attention = nn.MultiheadAttention(WIDTH, 2, batch_first=True)
        self.norm, self.hidden = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 48)
        self.head = nn.Linear(48, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (n, steps) to (n, 3, steps)."""
        x, steps = self.embedded(tokens), tokens.size(1)
        causal = torch.triu(torch.ones(steps, steps, dtype=torch.bool), diagonal=1)
        mixed, _ = self.attention(
            x, x, x, key_padding_mask=tokens == 0, attn_mask=causal, need_weights=False
        )
        out: Tensor = self.head(torch.relu(self.hidden(self.norm(x + mixed)))).transpose(1, 2)
        return out


class Translator(nn.Module):
    """An encoder and a decoder that sees what it wrote so far."""

    def __init__(self) -> None:
        super().__init__()
        self.source, self.target = Embedded(length=6), Embedded(length=6)
        self.both = nn.Transformer(WIDTH, 2, 1, 1, 48, 0.0, batch_first=True)
        self.head = nn.Linear(WIDTH, WORDS)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Map (n, 6) and (n, 6) to (n, words, 6)."""
        mask = nn.Transformer.generate_square_subsequent_mask(6)
        x = self.both(
            self.source(source), self.target(target), tgt_mask=mask,
            src_key_padding_mask=source == 0, memory_key_padding_mask=source == 0,
        )  # fmt: skip
        out: Tensor = self.head(x).transpose(1, 2)
        return out


class Running(nn.Module):
    """Numbers in, a number for each step out, causal."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(1, WIDTH)
        self.place = nn.Parameter(0.1 * torch.randn(1, LENGTH, WIDTH))
        self.encoder, self.head = _layers(), nn.Linear(WIDTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, steps, 1) to the same."""
        mask = nn.Transformer.generate_square_subsequent_mask(x.size(1))
        x = self.encoder(self.enter(x) + self.place, mask=mask, is_causal=True)
        out: Tensor = self.head(x)
        return out


class Patches(nn.Module):
    """A vision transformer: patches, a class token, no mask."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(1, WIDTH, 2, 2)
        self.token = nn.Parameter(0.1 * torch.randn(1, 1, WIDTH))
        self.place = nn.Parameter(0.1 * torch.randn(1, 17, WIDTH))
        self.encoder, self.head = _layers(), nn.Linear(WIDTH, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, 1, 8, 8) to (n, 10)."""
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.size(0), -1, -1), x], 1) + self.place
        out: Tensor = self.head(self.encoder(x)[:, 0])
        return out
