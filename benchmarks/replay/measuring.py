"""The figures of one workload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from .sides import Replay, sides
from .turns import alternate
from .workloads import Prepared, Workload


@dataclass(frozen=True)
class Figures:
    """One workload with one number of threads: medians, times in milliseconds per batch."""

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
    others: float
    """The most cores that other programs had in one of the rounds."""
    rounds: dict[str, list[float]]
    """Milliseconds per batch, for every round."""


def measure(
    workload: Workload,
    prepared: Prepared,
    threads: int,
    rounds: int,
    patience: float,
    tell: Callable[[str], None],
) -> Figures:
    """Measure all sides of a workload with so many threads each."""
    compared = sides(prepared, threads, floor="products" in workload.targets)
    found = alternate(compared, rounds, patience, tell)
    single = alternate({"defib": Replay(prepared.single, threads)}, rounds, patience, tell)
    count = len(prepared.batches)
    turns = {name: [each.turns[name] for each in found] for name in compared}
    scale = {name: getattr(side, "factor", 1.0) for name, side in compared.items()}
    times = {
        name: [1e3 * scale[name] * turn.wall / count for turn in turns[name]] for name in turns
    }
    ratios = {
        name: median(own / other for own, other in zip(times["defib"], times[name], strict=True))
        for name in times
        if name != "defib"
    }
    beside = [each.turns["defib"].wall - (each.turns["defib"].told or 0) for each in single]
    return Figures(
        workload=workload.name,
        threads=threads,
        batch=workload.batch,
        batches=count,
        milliseconds={name: median(values) for name, values in times.items()},
        ratios=ratios,
        replay=1e3 * median(turn.told or 0 for turn in turns["defib"]) / count,
        fixed=1e3 * median(beside),
        cores={name: median(turn.cpu / turn.wall for turn in turns[name]) for name in turns},
        others=max(each.others for each in found),
        rounds=times,
    )
