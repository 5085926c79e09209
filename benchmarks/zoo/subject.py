"""One model of the zoo with a small batch for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Trial:
    """A model, a batch and the loss that a person would train it with."""

    model: Any
    #: an array, a list or a dict of arrays
    x: Any
    y: Any
    #: a loss of the framework; None: the model's own
    loss: Any = None
    #: whether the model has auxiliary heads, which are trained on the same targets
    heads: bool = False


@dataclass(frozen=True)
class Subject:
    """A model by name; nothing is made before `make` is called."""

    library: str
    name: str
    make: Callable[[], Trial]


#: What a family of models gives.
Family = Callable[[], Iterator[Subject]]
