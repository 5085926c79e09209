"""Samples of a dataset as batches, put together as the loader does it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

Collate = Callable[[list[Any]], Any]

#: Samples that are put together at a time.
CHUNK = 256
#: Samples whose lengths tell whether a dataset has rows of several.
_LOOKED_AT = 64


def collated(samples: Iterable[Any], collate: Collate | None, size: int = CHUNK) -> Iterator[Any]:
    """Put samples together, so many at a time."""
    from torch.utils.data import default_collate

    samples = iter(samples)
    while chunk := list(itertools.islice(samples, size)):
        yield (collate or default_collate)(chunk)


def chunk_of(dataset: Any) -> int:
    """Return how many samples go together: all, where a collator pads rows to the longest."""
    rows = len(dataset)
    looked_at = range(0, rows, max(1, rows // _LOOKED_AT))
    shapes = {_shape(dataset[i]) for i in looked_at}
    return CHUNK if len(shapes) <= 1 else rows


def _shape(sample: Any) -> Any:
    if isinstance(sample, Mapping):
        return tuple((key, _shape(value)) for key, value in sample.items())
    if isinstance(sample, tuple):
        return tuple(map(_shape, sample))
    try:
        return np.shape(sample)
    except (TypeError, ValueError):  # lists of several lengths, or what is no array at all
        return None
