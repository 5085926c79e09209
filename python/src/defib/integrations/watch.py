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

    def state(self, spare: Any = None) -> Any:
        """Copy the parameters as they are now, into the memory of a copy that is spare."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop watching."""


class SequentialWatch(Watch):
    """Watches a `defib.Sequential`, whose arrays the script changes in place."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.initial: dict[str, Array] = self.state()

    def state(self, spare: Any = None) -> dict[str, Array]:  # noqa: ARG002
        """Copy all arrays."""
        return {name: array.copy() for name, array in self._model.arrays().items()}
