"""Which moments of a training are kept, when nobody knows how long it will be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._errors import InvalidArgument

#: Between two moments the number of updates grows by this factor.
RATIO = 2**0.5


class Moments:
    """Keeps at most `limit` states of a training, about evenly on a logarithmic scale.

    A state is taken at the 1st, 2nd, 3rd, 4th, 6th, 8th, … update, about two in a doubling: so the
    longer a training takes, the less it costs. Where that makes one too many, the one whose
    neighbours are nearest to each other, by the ratio of their numbers, is given up, and its memory
    is used again.
    """

    def __init__(self, limit: int, take: Callable[[Any], Any]) -> None:
        """Keep nothing yet.

        Args:
            limit: The most states; 0 for none.
            take: Copies the state of now. It gets one that is not needed any more, whose memory it
                may use, or None.

        Raises:
            InvalidArgument: the limit is no whole number of at least 0, or too large.
        """
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit <= 64:
            raise InvalidArgument(f"snapshots is {limit!r}; expected a whole number from 0 to 64")
        self._limit, self._take = limit, take
        self._next = 1
        #: update -> state
        self.states: dict[int, Any] = {}

    def reach(self, update: int) -> None:
        """Take the state after so many updates, if its turn has come."""
        if update < self._next or not self._limit:
            return
        self._next = max(update + 1, round(update * RATIO))
        spare = self.states.pop(self._superfluous()) if len(self.states) == self._limit else None
        self.states[update] = self._take(spare)

    def _superfluous(self) -> int:
        """Return the moment that tells least; the first and the last are not among those."""
        held = sorted(self.states)
        if len(held) < 3:
            return held[-1]
        inner = range(1, len(held) - 1)
        return held[min(inner, key=lambda i: held[i + 1] / held[i - 1])]
