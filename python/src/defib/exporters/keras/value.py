"""What a Keras tensor is in the run, in the user's layout and in the one of ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Shape = tuple[int | None, ...]


@dataclass(eq=False)
class Value:
    """A tensor of the model.

    Keras keeps channels on the last axis, ONNX on axis 1. Either form may be in the run; the other
    is written when something asks for it, so that a chain of convolutions has transposes only at
    its ends.
    """

    #: the shape as Keras has it; None where it follows the data
    shape: Shape
    dtype: str = "float32"
    #: the tensor in the layout of Keras, "" while there is none
    native: str = ""
    #: the tensor with its last axis moved to axis 1, "" while there is none
    first: str = ""
    #: what this value is the softmax or the sigmoid of, and which of the two
    logits: tuple[str, Value] | None = field(default=None, repr=False)
    #: whether each sample has its row: false for constants and what is computed from them alone
    batched: bool = True

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def axis(self, axis: int) -> int:
        """Count an axis of Keras from the front."""
        return axis % max(self.rank, 1)


def to_first(rank: int) -> list[int]:
    """Return the permutation from the layout of Keras to the one of ONNX."""
    return [0, rank - 1, *range(1, rank - 1)]


def to_native(rank: int) -> list[int]:
    """Return the permutation from the layout of ONNX to the one of Keras."""
    return [0, *range(2, rank), 1]


def known(shape: Sequence[int | None]) -> list[int]:
    """Return a shape as a Reshape takes it: 0 keeps the axis of the samples, -1 takes the rest."""
    return [0, *(-1 if length is None else int(length) for length in shape[1:])]
