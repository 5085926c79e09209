"""Sound transformers, each trained on a small task that it can learn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from sklearn import datasets
from torch import nn

from . import texts
from .attention import (
    LENGTH,
    WORDS,
    Bert,
    Both,
    Gpt,
    Patches,
    Reader,
    Running,
    Translator,
    Writer,
)
from .fitting import Recipe, accuracy, explained, fit


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
