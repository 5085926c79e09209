"""A series of numbers that costs next to nothing while it grows."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import InvalidArgument
from ..exporters.arrays import Array, is_tensor

#: Numbers on another device stay there for so many steps; then they are copied together.
CHUNK = 4096


class Series:
    """Numbers, one per step or epoch.

    A tensor on the CPU becomes a float at once. One on another device is kept as it is, because
    to read it would make the script wait for the device at every step.
    """

    def __init__(self, name: str, per: str) -> None:
        self.name, self.per = name, per
        self._waiting: list[Any] = []
        self._done: list[Array] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, value: Any) -> None:
        """Add a number, or a tensor or array with one element.

        Raises:
            InvalidArgument: it is none of these.
        """
        if is_tensor(value):
            value = self._of_tensor(value)
        elif type(value) is not float:
            value = self._of_number(value)
        self._waiting.append(value)
        self._length += 1
        if len(self._waiting) >= CHUNK:
            self._gather()

    def _of_tensor(self, value: Any) -> Any:
        if value.numel() != 1:
            raise InvalidArgument(
                f"{self.name} has shape {tuple(value.shape)}; expected one number, such as its mean"
            )
        if value.device.type == "cpu":
            return float(value.detach())
        return value.detach().clone().reshape(())  # the script may go on to change its own

    def _of_number(self, value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            raise InvalidArgument(
                f"{self.name} is {type(value).__name__}; expected one number: {error}"
            ) from error

    def _gather(self) -> None:
        held = self._waiting
        if all(is_tensor(value) for value in held):
            import torch

            numbers = torch.stack([value.float() for value in held]).cpu().numpy()
        else:
            numbers = np.array([float(value) for value in held])
        self._done.append(numbers.astype(np.float64))
        self._waiting = []

    def values(self) -> Array:
        """Return all numbers: a float64 array."""
        if self._waiting:
            self._gather()
        if not self._done:
            return np.zeros(0)
        self._done = [np.concatenate(self._done)]
        return self._done[0]
