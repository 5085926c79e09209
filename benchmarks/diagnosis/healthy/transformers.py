"""Sound transformers with every usual mask: of padding, causal, both, by -inf and by a number."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import torch
from sklearn import datasets
from torch import nn
from torch.nn import functional as F  # noqa: N812

from . import texts
from .fitting import Recipe, Tensor, accuracy, explained, fit

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


def _reader(run: Path, dropout: float) -> None:
    torch.manual_seed(0)
    tokens, _, y = texts.opinions(800, LENGTH, WORDS)
    recipe = Recipe(epochs=15, least=0.9)
    fit(run, Reader(dropout), tokens, y, nn.CrossEntropyLoss(), accuracy, recipe)


def encoder_padding(run: Path) -> None:
    """The most frequent kind of word, by an encoder that masks the padding."""
    _reader(run, 0.0)


def encoder_padding_dropout(run: Path) -> None:
    """The same with dropout."""
    _reader(run, 0.1)


def _writer(run: Path, model: nn.Module) -> None:
    recipe = Recipe(epochs=10, least=0.5)
    fit(run, model, *texts.chains(700, LENGTH, WORDS), nn.CrossEntropyLoss(), accuracy, recipe)


def encoder_causal(run: Path) -> None:
    """The next word by an encoder with PyTorch's mask of -inf."""
    torch.manual_seed(0)
    _writer(run, Writer("plain"))


def encoder_is_causal(run: Path) -> None:
    """The same, and the mask is said to be causal."""
    torch.manual_seed(0)
    _writer(run, Writer("hinted"))


def encoder_boolean_mask(run: Path) -> None:
    """The same with a mask of truth values."""
    torch.manual_seed(0)
    _writer(run, Writer("boolean"))


def gpt_tril(run: Path) -> None:
    """A GPT by hand: a buffer of ones and masked_fill."""
    torch.manual_seed(0)
    _writer(run, Gpt(fused=False))


def gpt_fused(run: Path) -> None:
    """A GPT on scaled_dot_product_attention."""
    torch.manual_seed(0)
    _writer(run, Gpt(fused=True))


def bert_additive_mask(run: Path) -> None:
    """The most frequent kind of word, with a second input that says which words count."""
    torch.manual_seed(0)
    tokens, _, y = texts.opinions(800, LENGTH, WORDS)
    x = [tokens, (tokens > 0).float()]
    fit(run, Bert(), x, y, nn.CrossEntropyLoss(), accuracy, Recipe(epochs=20, least=0.85))


def attention_both_masks(run: Path) -> None:
    """A tag for each word, its neighbour before it in view, padding left out of the loss."""
    torch.manual_seed(0)
    recipe = Recipe(epochs=20, least=0.75)
    tokens, tags = texts.tagged(800, LENGTH, WORDS)
    fit(run, Both(), tokens, tags, nn.CrossEntropyLoss(), accuracy, recipe)


def encoder_decoder(run: Path) -> None:
    """A text backwards, word by word."""
    torch.manual_seed(0)
    draw = torch.Generator().manual_seed(0)
    source = torch.randint(1, WORDS, (1000, 6), generator=draw)
    wanted = source.flip(1)
    shifted = torch.cat([torch.zeros(1000, 1, dtype=torch.long), wanted[:, :-1]], 1)
    x, recipe = [source, shifted], Recipe(epochs=25, least=0.9)
    fit(run, Translator(), x, wanted, nn.CrossEntropyLoss(), accuracy, recipe)


def encoder_running_mean(run: Path) -> None:
    """The mean of all steps so far."""
    torch.manual_seed(0)
    x = torch.rand((500, LENGTH, 1), generator=torch.Generator().manual_seed(0)) * 2 - 1
    y = 2 * x.cumsum(1) / torch.arange(1, LENGTH + 1).view(1, -1, 1)
    fit(run, Running(), x, y, nn.MSELoss(), explained, Recipe(epochs=20, least=0.9))


def vision_transformer(run: Path) -> None:
    """Digits by patches."""
    torch.manual_seed(0)
    x, y = datasets.load_digits(return_X_y=True)
    images = torch.tensor(x / 16, dtype=torch.float32).view(-1, 1, 8, 8)
    recipe = Recipe(epochs=30, least=0.85, rate=0.003)
    fit(run, Patches(), images, torch.tensor(y), nn.CrossEntropyLoss(), accuracy, recipe)


MODELS: dict[str, Callable[[Path], None]] = {
    f.__name__.replace("_", "-"): f
    for f in (
        encoder_padding, encoder_padding_dropout, encoder_causal, encoder_is_causal,
        encoder_boolean_mask, gpt_tril, gpt_fused, bert_additive_mask, attention_both_masks,
        encoder_decoder, encoder_running_mean, vision_transformer,
    )
}  # fmt: skip
