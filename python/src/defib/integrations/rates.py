"""The learning rate of an optimizer while a script trains."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exporters.arrays import Array

#: What scripts call a rate that they note themselves.
NAMES = ("learning_rate", "lr")


class Rates:
    """Notes the rate of the first group of an optimizer after each update.

    A step compares two numbers. The present one is most often that of the next update, since
    schedulers step before a script notes its loss; where they step before the first note, the
    rate from before all updates tells.
    """

    def __init__(self, optimizer: Any = None) -> None:
        self._optimizer: Any = None
        self._steps = 0
        #: the updates at which the rate changed, and the rates
        self._at: list[int] = []
        self._rates: list[float] = []
        self._first: float | None = None
        self.watch(optimizer)

    def watch(self, optimizer: Any) -> None:
        """Look at this optimizer from now on, if it is one of PyTorch's kind."""
        groups = getattr(optimizer, "param_groups", None)
        if self._optimizer is None and isinstance(groups, list) and groups:
            self._optimizer = optimizer
            self._first = self._rate() if self._steps == 0 else None

    def _rate(self) -> float | None:
        # A tensor on another device would make the script wait for it.
        rate = self._optimizer.param_groups[0].get("lr")
        if type(rate) is float:
            return rate
        of_device = getattr(getattr(rate, "device", None), "type", "cpu") != "cpu"
        return None if rate is None or of_device else float(rate)

    def note(self) -> None:
        """Note the rate of one update."""
        rate = None if self._optimizer is None else self._rate()
        if rate is not None and (not self._rates or rate != self._rates[-1]):
            self._at.append(self._steps)
            self._rates.append(rate)
        self._steps += 1

    def series(self) -> Array | None:
        """Return the rate of each update; None where it stayed the same, or is not known."""
        known = [rate for rate in (self._first, *self._rates) if rate is not None]
        if len(set(known)) < 2 or not self._at or self._at[0] != 0:
            return None
        lasting = np.diff([*self._at, self._steps])
        values = np.repeat(np.asarray(self._rates), lasting)
        if self._first is not None and self._first != self._rates[0]:
            values = np.concatenate([[self._first], values[:-1]])
        return values
