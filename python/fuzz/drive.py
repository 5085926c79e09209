"""Starts processes for the cases, learns how each ended, and makes the culprits small."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import cases, child
from .subject import Subject

PYTHON = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Budget:
    """What one case may take."""

    seconds: float = 20.0
    """Seconds of processor time for check, replay and vitals together."""
    patience: float = 240.0
    """Seconds in which it must end however busy the machine is."""
    memory: int = 1 << 30
    """Bytes of address space beyond what the process has when it begins; 0: no limit."""
    batch: int = 250
    """Cases that one process does."""


@dataclass
class End:
    """How one case ended."""

    case: cases.Case
    kind: str
    """done, refused, trap, hang or wrong."""
    text: str = ""
    seconds: float = 0.0
    small: cases.Case | None = None
    """The case with what is not needed for it left out."""


@dataclass
class Summary:
    """How many cases ended in which way, and those that must not be."""

    counts: dict[str, int] = field(default_factory=dict)
    failures: list[End] = field(default_factory=list)
    slowest: End | None = None

    def add(self, end: End) -> None:
        """Count a case."""
        self.counts[end.kind] = self.counts.get(end.kind, 0) + 1
        if end.kind in ("trap", "hang", "wrong"):
            self.failures.append(end)
        if self.slowest is None or end.seconds > self.slowest.seconds:
            self.slowest = end


class Driver:
    """Runs cases in processes of their own."""

    def __init__(self, runs: dict[str, Subject], folder: Path, budget: Budget) -> None:
        self._folder, self._budget = folder, budget
        self._paths = {}
        for name, subject in runs.items():
            subject.save(folder / "zoo" / name)
            self._paths[name] = str(folder / "zoo" / name)

    def ends(self, chosen: Sequence[cases.Case]) -> Iterator[End]:
        """Do the cases in order, in as many processes as it takes."""
        waiting = list(chosen)
        while waiting:
            batch = waiting[: self._budget.batch]
            done, culprit = self._process(batch)
            yield from done
            waiting = waiting[len(done) + (culprit is not None) :]
            if culprit is not None:
                yield culprit

    def smaller(self, end: End) -> cases.Case:
        """Leave out every change without which the case ends alike."""
        case = end.case
        for step in reversed(range(len(case.steps))):
            fewer = case.with_steps(case.steps[:step] + case.steps[step + 1 :])
            if next(self.ends([fewer])).kind == end.kind:
                case = fewer
        return case

    def _process(self, batch: list[cases.Case]) -> tuple[list[End], End | None]:
        """Do a batch in a process; return the ends, and the case that ended the process."""
        journal = self._folder / "journal"
        journal.unlink(missing_ok=True)
        job = {
            "runs": self._paths, "folder": str(self._folder / "run"), "journal": str(journal),
            "cases": [asdict(case) for case in batch], "seconds": self._budget.seconds,
            "patience": self._budget.patience, "memory": self._budget.memory,
        }  # fmt: skip
        file = self._folder / "job.json"
        file.write_text(json.dumps(job))
        found = [os.environ.get("PYTHONPATH", ""), str(PYTHON / "src")]
        ended = subprocess.run(
            [sys.executable, "-m", "fuzz.child", str(file)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, found))},
            cwd=PYTHON, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        facts = [json.loads(line) for line in _lines(journal)]
        done = [
            _end(case, fact)
            for case, fact in zip(batch, (f for f in facts if "end" in f), strict=False)
        ]
        if ended.returncode == 0:
            return done, None
        if not facts or (ended.returncode > 0 and ended.returncode != child.HANG):
            raise RuntimeError(f"the process of the cases failed by itself: {ended.stderr}")
        if len(done) == len(batch):
            return done, None
        kind = "hang" if ended.returncode == child.HANG else "trap"
        return done, End(batch[len(done)], kind, _cause(ended.returncode, ended.stderr))


def _lines(journal: Path) -> list[str]:
    return journal.read_text().splitlines() if journal.exists() else []


def _end(case: cases.Case, fact: dict[str, Any]) -> End:
    if fact["wrong"]:
        return End(case, "wrong", fact["wrong"], fact["seconds"])
    whole = all(text.endswith(": done") for text in fact["ends"])
    return End(case, "done" if whole else "refused", "; ".join(fact["ends"]), fact["seconds"])


def _cause(status: int, stderr: str) -> str:
    if status == child.HANG:
        return "takes too long"
    name = signal.Signals(-status).name if status < 0 else f"exit status {status}"
    told = [line for line in stderr.splitlines() if "Fatal" in line or "rror" in line]
    return f"{name}: {' | '.join(told[:4])[:600]}"


def survey(
    driver: Driver, chosen: Sequence[cases.Case], progress: Callable[[str], None]
) -> Summary:
    """Do all cases; make those small that failed."""
    summary = Summary()
    for number, end in enumerate(driver.ends(chosen), 1):
        if end.kind in ("trap", "hang", "wrong"):
            end.small = driver.smaller(end)
        summary.add(end)
        progress(f"{number} of {len(chosen)}: {summary.counts}")
    return summary
