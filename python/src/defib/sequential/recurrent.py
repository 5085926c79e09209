"""Recurrent layers over x (samples, steps, features)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .._errors import ExportError
from ..exporters.arrays import Array
from .layer import Layer, Shape


@dataclass(frozen=True, eq=False)
class _Recurrent(Layer):
    weight: Any
    recurrent: Any
    bias: Any = None
    recurrent_bias: Any = None
    sequences: bool = False
    backwards: bool = False

    #: the gates in the order that is taken where the layer has no other, "" for one gate alone
    letters: ClassVar[str] = ""

    def __post_init__(self) -> None:
        self.hold("recurrent", None, None)
        units = int(self.recurrent.shape[0])
        number = max(len(self.letters), 1)
        self.hold("recurrent", units, number * units)
        self.hold("weight", None, number * units)
        for part in ("bias", "recurrent_bias"):
            self.hold(part, number * units, optional=True)
        given = getattr(self, "gates", self.letters)
        if sorted(given) != sorted(self.letters):
            raise ExportError(
                f"{self.where}: gates is {given!r}; expected the letters of {self.letters!r} in "
                "the order of the arrays"
            )

    @property
    def units(self) -> int:
        """The length of the state."""
        return int(self.recurrent.shape[0])

    def arrays(self) -> dict[str, Array]:
        """Return the parameters that there are."""
        parts = ("weight", "recurrent", "bias", "recurrent_bias")
        return {part: getattr(self, part) for part in parts if getattr(self, part) is not None}

    def after(self, shape: Shape) -> Shape:
        """Return (units,), or (steps, units) with `sequences`."""
        features = int(self.weight.shape[0])
        if len(shape) != 2 or shape[1] != features:
            raise ExportError(
                f"weight has shape {self.weight.shape} and so takes samples of shape "
                f"(steps, {features}); it gets {shape}"
            )
        return (shape[0], self.units) if self.sequences else (self.units,)


@dataclass(frozen=True, eq=False)
class RNN(_Recurrent):
    """`h = tanh(x @ weight + bias + h @ recurrent + recurrent_bias)`, from h = 0.

    Args:
        weight: (features, units).
        recurrent: (units, units).
        bias: (units,) or None.
        recurrent_bias: (units,) or None.
        sequences: Whether every step is passed on, or only the last.
        backwards: Whether the steps are read from the last to the first.
    """


@dataclass(frozen=True, eq=False)
class LSTM(_Recurrent):
    """Long short-term memory: sigmoid gates i, f, o and the tanh candidate c.

    As RNN with weight (features, 4 * units), recurrent (units, 4 * units) and biases
    (4 * units,). `gates` is the order of the gates in them: PyTorch and Keras have "ifco".
    """

    gates: str = "ifco"

    letters = "ifco"


@dataclass(frozen=True, eq=False)
class GRU(_Recurrent):
    """Gated recurrent unit: update gate z, reset gate r and the candidate h.

    `h' = z * h + (1 - z) * candidate`. As RNN with weight (features, 3 * units), recurrent
    (units, 3 * units) and biases (3 * units,). `gates` is the order of the gates in them: Keras
    has "zrh", PyTorch "rzh". `reset_after` says that r is multiplied with `h @ recurrent +
    recurrent_bias`, as in both of them, and not with h itself.
    """

    gates: str = "zrh"
    reset_after: bool = False

    letters = "zrh"
