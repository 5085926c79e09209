"""What a recorder can see of a model before and during its training."""

from __future__ import annotations

from typing import Any

from ..exporters.arrays import Array


class Watch:
    """A model in training: what it was at the start, and how it is used."""

    #: The parameters from before the training; None: they are unknown.
    initial: Any = None
    #: "float16" or "bfloat16" where the training computes in it.
    precision: str | None = None
    #: Rows of the first batch.
    batch_size: int | None = None

    def close(self) -> None:
        """Stop watching."""


class SequentialWatch(Watch):
    """Watches a `defib.Sequential`, whose arrays the script changes in place."""

    def __init__(self, model: Any) -> None:
        self.initial: dict[str, Array] = {
            name: array.copy() for name, array in model.arrays().items()
        }
