"""Times of sides that take turns."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

from .sides import Replay, Side, sides
from .workloads import Prepared, Workload

#: Seconds of rest before a side: threads that the last one left spinning go to sleep meanwhile.
REST = 0.05


@dataclass
class Times:
    """Seconds of every turn of one side."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def alternate(
    turns: Mapping[str, Side], rounds: int, tell: Callable[[str], None]
) -> dict[str, Times]:
    """Let every side have a turn in every round, each time another one first.

    A round before the first is not counted: it warms up.
    """
    names = list(turns)
    times = {name: Times() for name in names}
    collecting = gc.isenabled()
    gc.disable()
    try:
        for number in range(rounds + 1):
            start = number % len(names)
            for name in names[start:] + names[:start]:
                tell(f"round {number} of {rounds}: {name}")
                gc.collect()
                time.sleep(REST)
                wall, cpu = time.perf_counter(), time.process_time()
                turns[name]()
                wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
                if number:
                    times[name].wall.append(wall)
                    times[name].cpu.append(cpu)
    finally:
        if collecting:
            gc.enable()
    return times


@dataclass(frozen=True)
class Figures:
    """One workload with one number of threads: medians, times in milliseconds a batch."""

    workload: str
    threads: int
    batch: int
    batches: int
    milliseconds: dict[str, float]
    ratios: dict[str, float]
    """Defib's time to each other side's: the median of the rounds' own ratios."""
    replay: float
    """Of Defib's time: the replay itself."""
    fixed: float
    """What a call of Defib costs beside the replay, with one batch: milliseconds a call."""
    cores: dict[str, float]
    """Seconds of processor to seconds on the clock."""
    rounds: dict[str, list[float]]


def measure(
    workload: Workload, prepared: Prepared, threads: int, rounds: int, tell: Callable[[str], None]
) -> Figures:
    """Measure all sides of a workload with so many threads each."""
    turns = sides(prepared, threads, "products" in workload.targets)
    times = alternate(turns, rounds, tell)
    replay = turns["defib"]
    assert isinstance(replay, Replay)
    small = Replay(prepared.single, threads)
    single = alternate({"defib": small}, rounds, tell)["defib"]
    beside = [wall - inside for wall, inside in zip(single.wall, small.replays[1:], strict=True)]
    count = len(prepared.batches)
    milliseconds = {name: [1e3 * t / count for t in times[name].wall] for name in times}
    return Figures(
        workload.name,
        threads,
        workload.batch,
        count,
        {name: median(values) for name, values in milliseconds.items()},
        {
            name: median(a / b for a, b in zip(times["defib"].wall, other.wall, strict=True))
            for name, other in times.items()
            if name != "defib"
        },
        1e3 * median(replay.replays[1:]) / count,
        1e3 * median(beside),
        {
            name: median(cpu / wall for cpu, wall in zip(t.cpu, t.wall, strict=True))
            for name, t in times.items()
        },
        milliseconds,
    )
