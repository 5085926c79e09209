"""Sides that take turns, in rounds that are repeated when other programs were at work."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

#: One turn; returns the seconds that the side itself tells, if it does.
Side = Callable[[], float | None]

#: Seconds of rest before a turn: threads that the last one left spinning go to sleep meanwhile.
REST = 0.05
#: The most cores that other programs may have had in a round that counts.
QUIET = 0.1
#: Rounds are repeated until enough of them were quiet, or there are so many times as many.
REPEATS = 3
#: Seconds of a look at what the other programs do.
LOOK = 1.0


@dataclass(frozen=True)
class Turn:
    """One turn of one side, in seconds."""

    wall: float
    cpu: float
    told: float | None


@dataclass(frozen=True)
class Round:
    """A turn of every side."""

    turns: dict[str, Turn]
    others: float
    """Cores that other programs had meanwhile, on the average."""


def alternate(
    sides: Mapping[str, Side], rounds: int, patience: float, tell: Callable[[str], None]
) -> list[Round]:
    """Give every side a turn in every round, each time another one first.

    A round before the first is not counted: it warms up. The quietest rounds are returned. Before
    a round other programs may come to rest, for which there are `patience` seconds in all.
    """
    names, found = list(sides), list[Round]()
    deadline = time.monotonic() + patience
    collecting = gc.isenabled()
    gc.disable()
    try:
        for number in range(REPEATS * rounds + 1):
            tell(f"round {number}")
            while time.monotonic() < deadline and _others(lambda: time.sleep(LOOK)) > QUIET:
                pass
            start = number % len(names)
            one = _round({name: sides[name] for name in names[start:] + names[:start]})
            found += [one] if number else []
            if sum(each.others <= QUIET for each in found) >= rounds:
                break
    finally:
        if collecting:
            gc.enable()
    return sorted(found, key=lambda each: each.others)[:rounds]


def _round(sides: Mapping[str, Side]) -> Round:
    turns: dict[str, Turn] = {}

    def play() -> None:
        turns.update((name, _turn(side)) for name, side in sides.items())

    others = _others(play)
    return Round(turns, others)


def _turn(side: Side) -> Turn:
    gc.collect()
    time.sleep(REST)
    wall, cpu = time.perf_counter(), _own()
    told = side()
    return Turn(time.perf_counter() - wall, _own() - cpu, told)


def _others(work: Callable[[], None]) -> float:
    """Return the cores that other programs had while `work` ran."""
    began, busy, own = time.perf_counter(), _busy(), _own()
    work()
    others = (_busy() - busy) - (_own() - own)
    return max(0.0, others) / (time.perf_counter() - began)


def _own() -> float:
    """Return the processor seconds of this process and of those that it has waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _busy() -> float:
    """Return the seconds that all cores were busy since the start of the machine."""
    try:
        fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    except OSError:  # not Linux: every round counts as quiet
        return 0.0
    user, nice, system, _idle, _wait, interrupts, soft, stolen = map(int, fields)
    ticks = user + nice + system + interrupts + soft + stolen
    return ticks / os.sysconf("SC_CLK_TCK")
