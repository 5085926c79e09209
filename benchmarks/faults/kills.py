"""SIGKILL at random moments of everything that writes."""

from __future__ import annotations

import os
import random
import select
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from . import children
from .writers import DamagedError, Writer

PATIENCE = 120.0


@dataclass
class Outcome:
    """What kills of one writer led to."""

    writer: Writer
    moments: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """How many kills left the old version, the new one, none, and something beside it."""
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Pace:
    """Seconds until the first new name is in the folder, and until the work is done."""

    first: float
    whole: float


def survey(writer: Writer, moments: int, seed: int, tell: Callable[[str], None]) -> Outcome:
    """Kill a writer at some moments, and look at what it leaves and what the next one makes of it.

    Half of the moments are spread evenly over the work, half lie after the first name that appears.
    """
    outcome, rng = Outcome(writer), random.Random(seed)
    with TemporaryDirectory(prefix="defib-faults-") as name:
        folder = Path(name)
        writer.prepare(folder)
        children.result(lambda: writer.write(folder, 0))
        expected = set(os.listdir(folder))
        if not writer.replaces:
            _move(folder, writer)
        pace = _paced(folder, writer)
        for number in range(moments):
            tell(f"{writer.name}: moment {number + 1} of {moments}")
            aimed = number % 2 == 1
            # Most of the writing is over soon after the first name is there.
            share = 1.2 * rng.random() ** (4 if aimed else 1)
            delay = share * (pace.whole - pace.first if aimed else pace.whole)
            _moment(folder, writer, expected, outcome, delay, aimed=aimed)
    return outcome


def _moment(
    folder: Path, writer: Writer, expected: set[str], outcome: Outcome, delay: float, *, aimed: bool
) -> None:
    before = set(os.listdir(folder))
    process, ready = children.start(lambda: writer.write(folder, 1))
    _wait(ready)
    begin = time.perf_counter()
    if aimed:
        while set(os.listdir(folder)) == before and not _ended(ready):
            if time.perf_counter() - begin > PATIENCE:
                break
        begin = time.perf_counter()
    while time.perf_counter() - begin < delay:
        pass
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    os.close(ready)
    outcome.moments += 1
    when = f"{writer.name}, {delay * 1e3:.2f} ms after {'the first name' if aimed else 'the start'}"
    try:
        version = writer.version(folder)
    except DamagedError as damage:
        outcome.faults.append(f"{when}: {damage}")
        version = None
    if version is None and writer.replaces:
        outcome.faults.append(f"{when}: {writer.place} is gone")
    kinds = {None: "nothing", 0: "the old", 1: "the new"}
    outcome.left[kinds[version]] += 1
    outcome.left["something beside it"] += bool(set(os.listdir(folder)) - before - {writer.place})
    _again(folder, writer, expected, outcome, when)


def _again(folder: Path, writer: Writer, expected: set[str], outcome: Outcome, when: str) -> None:
    """Do the work once more without a fault: it must succeed and leave nothing else behind."""
    if not writer.replaces:
        _move(folder, writer)
    try:
        children.result(lambda: writer.write(folder, 0))
        if writer.version(folder) != 0:
            outcome.faults.append(f"{when}: the next one did not write")
    except (RuntimeError, DamagedError) as error:
        outcome.faults.append(f"{when}: the next one fails: {error}")
    more = set(os.listdir(folder)) - expected
    if more:
        outcome.faults.append(f"{when}: after the next one there is {', '.join(sorted(more))}")
        for name in more:
            _remove(folder / name)
    if not writer.replaces:
        _move(folder, writer)


def _paced(folder: Path, writer: Writer) -> _Pace:
    before = set(os.listdir(folder))
    process, ready = children.start(lambda: writer.write(folder, 0))
    _wait(ready)
    begin = time.perf_counter()
    first = None
    while not _ended(ready):
        if first is None and set(os.listdir(folder)) != before:
            first = time.perf_counter() - begin
    whole = time.perf_counter() - begin
    os.waitpid(process, 0)
    os.close(ready)
    if not writer.replaces:
        _move(folder, writer)
    return _Pace(whole if first is None else first, whole)


def _wait(ready: int) -> None:
    if os.read(ready, 1) != b".":
        raise RuntimeError("a process ended before it began")


def _ended(ready: int) -> bool:
    return bool(select.select([ready], [], [], 0)[0])


def _move(folder: Path, writer: Writer) -> None:
    """Take away what must not be there for the writer."""
    if (folder / writer.place).exists():
        _remove(folder / writer.place)


def _remove(path: Path) -> None:
    import shutil

    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
