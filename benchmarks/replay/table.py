"""The figures as tables of Markdown, and which targets are met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .commands import Command, Taken
from .measuring import Figures
from .turns import QUIET
from .workloads import WORKLOADS, Workload

#: Side -> heading.
SIDES = {
    "defib": "Defib", "plain": "plain", "hooks": "hooks", "tuned": "tuned hooks",
    "products": "products", "limit": "limit",
}  # fmt: skip
BY_NAME = {workload.name: workload for workload in WORKLOADS}
NONE = "-"


def held(ratio: float, target: float) -> str:
    """Return how a ratio stands to its target, such as "0.71 (0.60 missed)"."""
    return f"{ratio:.2f} ({target:.2f} {'met' if ratio <= target else 'missed'})"


def times(figures: Sequence[Figures]) -> str:
    """Return the table of milliseconds a batch, and of what a call costs beside the replay."""
    rows = [["workload", "Defib", "of it replay", *list(SIDES.values())[1:], "a call"]]
    for found in figures:
        others = [_time(found.milliseconds.get(side)) for side in list(SIDES)[1:]]
        own = [_time(found.milliseconds["defib"]), _time(found.replay)]
        rows.append([found.workload, *own, *others, _time(found.fixed)])
    return _aligned(rows)


def ratios(figures: Sequence[Figures]) -> str:
    """Return the table of Defib's time to the others', beside the targets, for one thread each."""
    rows = [["workload", *(f"Defib / {name}" for name in list(SIDES.values())[1:])]]
    for found in figures:
        targets = BY_NAME[found.workload].targets if found.threads == 1 else {}
        others = list(SIDES)[1:]
        rows.append(
            [found.workload, *(_ratio(found.ratios.get(s), targets.get(s)) for s in others)]
        )
    return _aligned(rows)


def speedups(one: Mapping[str, Figures], two: Mapping[str, Figures]) -> str:
    """Return the table of what a second thread brings to each side."""
    rows = [["workload", *SIDES.values(), "target"]]
    for name in (name for name in one if name in two):
        pairs = {
            side: one[name].milliseconds[side] / two[name].milliseconds[side]
            for side in one[name].milliseconds
        }
        target, text = BY_NAME[name].speedup, NONE
        if target is not None:
            text = f"{target:.2f} {'met' if pairs['defib'] >= target else 'missed'}"
        rows.append([name, *(_ratio(pairs.get(side), None) for side in SIDES), text])
    return _aligned(rows)


def missed(figures: Sequence[Figures]) -> list[str]:
    """Return a line for every target that was missed, and by how much."""
    return [
        f"{found.workload} / {SIDES[side]}: {found.ratios[side]:.2f} instead of {target:.2f}, "
        f"{100 * (found.ratios[side] / target - 1):.0f} % too much"
        for found, side, target in _held(figures)
        if found.ratios[side] > target
    ]


def summary(figures: Sequence[Figures]) -> str:
    """Return how many of the targets are met, and the others."""
    total, lines = len(list(_held(figures))), missed(figures)
    return "\n".join([f"{total - len(lines)} of {total} targets met", *lines])


def disturbed(figures: Sequence[Figures]) -> list[str]:
    """Return a line for everything that was measured while other programs were at work."""
    return [
        f"{found.workload}, threads: {found.threads}: do not trust it, "
        f"other programs had {found.others:.2f} cores meanwhile"
        for found in figures
        if found.others > QUIET
    ]


def processes(taken: Sequence[Taken], commands: Sequence[Command]) -> str:
    """Return a line for every command: what it takes, and how that stands to the others' time."""
    lines = []
    for found, command in zip(taken, commands, strict=True):
        own = found.milliseconds["defib"]
        limit = "" if command.most is None else f", {_met(own, command.most, 'ms')}"
        lines += ["", f"{found.workload}: {command.title}", f"  {_time(own)} ms{limit}"]
        for side, ratio in found.ratios.items():
            target = command.targets.get(side)
            against = "" if target is None else f", {_met(ratio, target)}"
            other = _time(found.milliseconds[side])
            lines.append(f"  {side} {other} ms: {1 / ratio:.1f} times as long{against}")
        if found.others > QUIET:
            lines.append(f"  do not trust it, other programs had {found.others:.2f} cores")
    return "\n".join([*lines, ""])


def _met(value: float, most: float, unit: str = "of it") -> str:
    return f"{'met' if value <= most else 'missed'}: at most {most:.3g} {unit}"


def title(workload: Workload) -> str:
    """Return the line that explains a name."""
    return f"{workload.name}: {workload.title}; {workload.batches} batches of {workload.batch}"


def _held(figures: Sequence[Figures]) -> Iterator[tuple[Figures, str, float]]:
    for found in figures:
        if found.threads == 1:
            for side, target in BY_NAME[found.workload].targets.items():
                if side in found.ratios:
                    yield found, side, target


def _time(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _ratio(value: float | None, target: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:.2f}" if target is None else held(value, target)


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [
        [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        for row in [rows[0], rule, *rows[1:]]
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
