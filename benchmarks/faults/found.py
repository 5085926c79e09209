"""What a kind of fault led to."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Found:
    """The cases of one kind, and what was wrong in them."""

    cases: int = 0
    faults: list[str] = field(default_factory=list)
    note: str = ""

    def expect(self, holds: bool, what: str) -> None:
        """Note a fault where something does not hold."""
        if not holds:
            self.faults.append(what)
