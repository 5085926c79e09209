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

    healthy: bool = False
    """Whether the report says that nothing is wrong."""
    message: str = ""
    """What the first cause says, or why the exporter refused."""
    refused: bool = False
    """Whether the exporter refused to write the run."""

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
    checked = defib.check(run)
    seconds = time.perf_counter() - start
    report = checked.to_dict()
    rule_of = {finding["id"]: finding for finding in report["findings"]}
    causes = [rule_of[cause] for cause in report["causes"]]
    alarms = [cause["rule"] for cause in causes if cause["severity"] != "note"]

    def found(severity: str) -> list[str]:
        rules = (f["rule"] for f in report["findings"] if f["severity"] == severity)
        return list(dict.fromkeys(rules))

    told = next((cause["message"] for cause in causes if cause["severity"] != "note"), "")
    return Verdict(
        name, accepted, list(dict.fromkeys(alarms)), found("error"), found("warning"), seconds,
        healthy=checked.healthy, message=told,
    )  # fmt: skip


def refused(name: str, accepted: list[str], why: str) -> Verdict:
    """Return the verdict of a run that the exporter refused to write."""
    return Verdict(name, accepted, [], [], [], 0.0, message=why, refused=True)
