"""What the diagnosis of one run is worth."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import defib


@dataclass(frozen=True)
class Verdict:
    """The diagnosis of one run, held against the accepted rules."""

    name: str
    accepted: list[str]
    causes: list[str]
    """Rules of the causes, in the report's order, repeated rules once."""
    errors: list[str]
    warnings: list[str]
    seconds: float
    loss: tuple[float, float] = field(default=(float("nan"), float("nan")))
    """The training loss of the first and the last epoch."""

    @property
    def detected(self) -> bool:
        """Whether any error or warning was raised."""
        return bool(self.errors or self.warnings)

    @property
    def rank(self) -> int | None:
        """The place of the first accepted rule among the causes, from 1."""
        for place, rule in enumerate(self.causes, 1):
            if rule in self.accepted:
                return place
        return None


def judge(name: str, run: Path, accepted: list[str]) -> Verdict:
    """Check `run` and note what was found and how long that took."""
    start = time.perf_counter()
    report = defib.check(run).to_dict()
    seconds = time.perf_counter() - start
    rule_of = {finding["id"]: finding for finding in report["findings"]}
    causes = [rule_of[cause] for cause in report["causes"]]
    alarms = [cause["rule"] for cause in causes if cause["severity"] != "note"]

    def found(severity: str) -> list[str]:
        rules = (f["rule"] for f in report["findings"] if f["severity"] == severity)
        return list(dict.fromkeys(rules))

    return Verdict(
        name, accepted, list(dict.fromkeys(alarms)), found("error"), found("warning"), seconds
    )
