"""Sound models of words and of sparse 0/1 features."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from . import texts
from .fitting import Recipe, Tensor, accuracy, balanced, explained, fit

WORDS, LENGTH = 40, 12


class Mean(nn.Module):
    """The mean of the words' vectors, without the padding."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(WORDS, 16, padding_idx=0)
        self.head = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 3))

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (n, steps) to (n, 3)."""
        there = (tokens != 0).unsqueeze(-1).float()
        mean = (self.table(tokens) * there).sum(1) / there.sum(1)
        out: Tensor = self.head(mean)
        return out


class Recurrent(nn.Module):
    """An LSTM, read at the last word of each text."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(WORDS, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 24, batch_first=True)
        self.head = nn.Linear(24, 3)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Map (n, steps) and (n,) to (n, 3)."""
        states, _ = self.lstm(self.table(tokens))
        place = (lengths - 1).view(-1, 1, 1).expand(-1, 1, 24)
        out: Tensor = self.head(states.gather(1, place).squeeze(1))
        return out


class Tagger(nn.Module):
    """A tag for each word, from both sides."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(WORDS, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 16, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (n, steps) to (n, 3, steps)."""
        states, _ = self.lstm(self.table(tokens))
        out: Tensor = self.head(states).transpose(1, 2)
        return out


class Windows(nn.Module):
    """Convolutions over words, the largest of each."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(WORDS, 16)
        self.conv = nn.Conv1d(16, 24, 3, padding=1)
        self.head = nn.Linear(24, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (n, steps) to (n, 3)."""
        x = torch.relu(self.conv(self.table(tokens).transpose(1, 2)))
        out: Tensor = self.head(x.mean(2))
        return out


def embedding_mean(run: Path) -> None:
    """The most frequent kind of word by a mean."""
    torch.manual_seed(0)
    tokens, _, y = texts.opinions(1000, LENGTH, WORDS)
    fit(run, Mean(), tokens, y, nn.CrossEntropyLoss(), accuracy, Recipe(epochs=15, least=0.9))


def embedding_lstm(run: Path) -> None:
    """The same by an LSTM that is told the lengths."""
    torch.manual_seed(0)
    tokens, lengths, y = texts.opinions(1200, LENGTH, WORDS)
    recipe = Recipe(epochs=20, least=0.85)
    fit(run, Recurrent(), [tokens, lengths], y, nn.CrossEntropyLoss(), accuracy, recipe)


def tagging(run: Path) -> None:
    """A tag for each word; the padding has none."""
    torch.manual_seed(0)
    tokens, tags = texts.tagged(800, LENGTH, WORDS)
    criterion = nn.CrossEntropyLoss(ignore_index=-100)
    fit(run, Tagger(), tokens, tags, criterion, accuracy, Recipe(epochs=12, least=0.9))


def text_convolution(run: Path) -> None:
    """The most frequent kind of word by windows of three."""
    torch.manual_seed(0)
    tokens, _, y = texts.opinions(1000, LENGTH, WORDS)
    recipe = Recipe(epochs=12, least=0.85)
    fit(run, Windows(), tokens, y, nn.CrossEntropyLoss(), accuracy, recipe)


def bag_of_words(run: Path) -> None:
    """The same from which words there are, most of them absent."""
    torch.manual_seed(0)
    tokens, _, y = texts.opinions(1500, LENGTH, 90)
    model = nn.Sequential(nn.Linear(89, 32), nn.ReLU(), nn.Linear(32, 3))
    recipe = Recipe(epochs=10, least=0.8, best=True)
    fit(run, model, texts.bags(tokens, 90), y, nn.CrossEntropyLoss(), accuracy, recipe)


def rare_words(run: Path) -> None:
    """Spam by rare words: a linear model of 120 columns with a few ones each."""
    torch.manual_seed(0)
    draw = torch.Generator().manual_seed(0)
    x = (torch.rand((2000, 120), generator=draw) < 0.05).float()
    y = (x[:, :40].sum(1, keepdim=True) > 2).float()
    model = nn.Linear(120, 1)
    recipe = Recipe(epochs=30, least=0.9, rate=0.02)
    fit(run, model, x, y, nn.BCEWithLogitsLoss(), balanced, recipe)


def one_hot(run: Path) -> None:
    """A number from three categories, one column a category."""
    torch.manual_seed(0)
    draw = torch.Generator().manual_seed(0)
    groups = [torch.randint(k, (900,), generator=draw) for k in (4, 7, 12)]
    effects = [torch.randn(k, generator=draw) for k in (4, 7, 12)]
    y = torch.stack([e[g] for e, g in zip(effects, groups, strict=True)]).sum(0)
    y = y + 0.3 * torch.randn(900, generator=draw)
    y = ((y - y.mean()) / y.std()).unsqueeze(1)
    sizes = zip(groups, (4, 7, 12), strict=True)
    x = torch.cat([nn.functional.one_hot(g, k).float() for g, k in sizes], 1)
    model = nn.Sequential(nn.Linear(23, 16), nn.ReLU(), nn.Linear(16, 1))
    fit(run, model, x, y, nn.MSELoss(), explained, Recipe(epochs=20, least=0.85))


MODELS: dict[str, Callable[[Path], None]] = {
    f.__name__.replace("_", "-"): f
    for f in (
        embedding_mean, embedding_lstm, tagging, text_convolution, bag_of_words, rare_words,
        one_hot,
    )
}  # fmt: skip
