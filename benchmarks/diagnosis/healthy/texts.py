"""Made-up texts: tokens with a meaning, of various lengths, padded with 0."""

from __future__ import annotations

import torch

Tensor = torch.Tensor


def opinions(rows: int, length: int, words: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Return tokens (rows, length), lengths and classes: which kind of word is the most frequent.

    Words above 0 are of three kinds, the rest of a division by three; ties go to the first.
    """
    draw = torch.Generator().manual_seed(seed)
    leaning = torch.randint(3, (rows, 1), generator=draw)
    tokens = torch.randint(1, words, (rows, length), generator=draw)
    leans = torch.rand((rows, length), generator=draw) < 0.5
    tokens = torch.where(leans, tokens - (tokens % 3) + leaning, tokens).clamp(1, words - 1)
    lengths = torch.randint(length // 3, length + 1, (rows,), generator=draw)
    lengths[0] = length
    tokens[torch.arange(length) >= lengths[:, None]] = 0
    kinds = torch.stack([((tokens % 3 == k) & (tokens > 0)).sum(1) for k in range(3)], 1)
    return tokens, lengths, kinds.argmax(1)


def chains(rows: int, length: int, words: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return tokens (rows, length) and their successors: three in five follow from the last."""
    draw = torch.Generator().manual_seed(seed)
    text = torch.randint(words, (rows, length + 1), generator=draw)
    for place in range(1, length + 1):
        sure = torch.rand(rows, generator=draw) < 0.6
        follows = (text[:, place - 1] * 5 + 3) % words
        text[:, place] = torch.where(sure, follows, text[:, place])
    return text[:, :-1].contiguous(), text[:, 1:].contiguous()


def tagged(rows: int, length: int, words: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return tokens and a tag for each, -100 at padding: the word's kind, moved after a marker."""
    tokens, _, _ = opinions(rows, length, words, seed)
    before = torch.cat([torch.zeros(rows, 1, dtype=torch.long), tokens[:, :-1]], 1)
    tags = (tokens + (before % 4 == 1).long()) % 3
    tags[tokens == 0] = -100
    return tokens, tags


def bags(tokens: Tensor, words: int) -> Tensor:
    """Return which words a text has, 0 or 1 each, without the padding."""
    found = torch.zeros(len(tokens), words).scatter_(1, tokens, 1.0)
    return found[:, 1:].contiguous()
