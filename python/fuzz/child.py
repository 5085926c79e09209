"""A process that does cases one after another, and says before each which it is.

    python -m fuzz.child JOB        a JSON file: runs, journal, cases, budgets

Every case is written to the journal before it begins and when it has ended, so that whoever
started the process knows in which case it died.
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from . import cases, judge
from .subject import load

#: The exit status after a case that took too long.
HANG = 99


class Watchdog:
    """Ends the process when a case takes more processor time than it may, or stands still."""

    def __init__(self, seconds: float, patience: float) -> None:
        self._seconds, self._patience = seconds, patience
        self._since = (time.process_time(), time.monotonic())
        threading.Thread(target=self._watch, daemon=True).start()

    def begin(self) -> None:
        """Start to count anew."""
        self._since = (time.process_time(), time.monotonic())

    def _watch(self) -> None:
        while True:
            time.sleep(0.1)
            worked, waited = self._since
            if (
                time.process_time() - worked > self._seconds
                or time.monotonic() - waited > self._patience
            ):
                os._exit(HANG)


def _limit_memory(extra: int) -> None:
    """Bound the address space to what is mapped now and `extra` bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _tell(journal: TextIO, **facts: Any) -> None:
    journal.write(json.dumps(facts) + "\n")
    journal.flush()


def main(job: dict[str, Any]) -> None:
    """Do the cases of a job; budgets are in seconds of processor time and in bytes."""
    runs = {name: load(Path(path)) for name, path in job["runs"].items()}
    place = Path(job["folder"])
    faulthandler.enable()
    first = cases.Case(0, 0, next(iter(runs)), cases.MEMORY, ())
    judge.judge(first, cases.build(first, runs), place)  # threads and kernels are there from now on
    if job["memory"]:
        _limit_memory(job["memory"])
    watchdog = Watchdog(job["seconds"], job["patience"])
    with Path(job["journal"]).open("a") as journal:
        for entry in job["cases"]:
            chosen = cases.Case(**{**entry, "steps": tuple(map(tuple, entry["steps"]))})
            shutil.rmtree(place, ignore_errors=True)
            _tell(journal, begin=chosen.number)
            watchdog.begin()
            before, start = _resident(), time.process_time()
            wrong = None
            ends: list[str] = []
            try:
                ends = judge.judge(chosen, cases.build(chosen, runs), place)
            except judge.Unexpected as error:
                wrong = str(error)
            except MemoryError:
                wrong = "Python ran out of memory"
            taken = time.process_time() - start
            _tell(
                journal, end=chosen.number, wrong=wrong, ends=ends, seconds=round(taken, 3),
                grown=_resident() - before,
            )  # fmt: skip


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
