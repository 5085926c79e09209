"""Measures the workloads and prints the tables."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from . import commands, plot, reference, table
from .measuring import Figures, measure
from .workloads import WORKLOADS, Workload

COUNTS = {1: "One thread each", 2: "Two threads each"}


def progress(text: str) -> None:
    """Show where the work is, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def measured(
    chosen: Sequence[Workload], counts: Sequence[int], rounds: int, patience: float
) -> list[Figures]:
    """Measure workloads with every number of threads; runs are exported to a temporary folder."""
    found = []
    for workload in chosen:
        with tempfile.TemporaryDirectory() as folder:
            progress(f"{workload.name}: exporting")
            prepared = workload.prepare(Path(folder))
            for threads in counts:
                name = f"{workload.name}, threads: {threads}"
                tell = lambda text, name=name: progress(f"{name}, {text}")  # noqa: E731
                found.append(measure(workload, prepared, threads, rounds, patience, tell))
    progress("")
    return found


def taken(chosen: Sequence[commands.Command], rounds: int, patience: float) -> list[commands.Taken]:
    """Measure commands; their files are written to a temporary folder."""
    found = []
    for command in chosen:
        with tempfile.TemporaryDirectory() as folder:
            tell = lambda text, name=command.name: progress(f"{name}, {text}")  # noqa: E731
            found.append(commands.measure(command, Path(folder), rounds, patience, tell))
    progress("")
    return found


def show(figures: Sequence[Figures], chosen: Sequence[Workload], counts: Sequence[int]) -> None:
    """Print the tables: milliseconds per batch, ratios with their targets, and what is missed."""
    for workload in chosen:
        print(table.title(workload))
    for threads in counts:
        found = [found for found in figures if found.threads == threads]
        print(f"\n{COUNTS.get(threads, f'{threads} threads each')}, milliseconds per batch\n")
        print(table.times(found))
        print(f"\n{table.ratios(found)}")
    if len(counts) > 1:
        low, high = ({f.workload: f for f in figures if f.threads == n} for n in counts[:2])
        print(f"\n{counts[0]} to {counts[1]} threads: times as fast\n")
        print(table.speedups(low, high))
    print("\n".join(["", table.summary(figures), *table.disturbed(figures)]))


def main() -> int:
    """Run the benchmark; returns 0."""
    names = [workload.name for workload in WORKLOADS]
    names += [command.name for command in commands.COMMANDS]
    parser = argparse.ArgumentParser(prog="benchmarks.replay", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=names, metavar="NAME", help=", ".join(names)
    )
    parser.add_argument(
        "--rounds", type=int, default=7, help="turns of every side that count (default 7)"
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=60,
        metavar="SECONDS",
        help="how long to wait per workload for other programs to come to rest (default 60)",
    )
    parser.add_argument("--threads", type=int, action="append", help="default: 1, then 2")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--store", action="store_true", help="keep the ratios in ratios.json")
    parser.add_argument("--plot", type=Path, help="draw the ratios to this .svg (needs matplotlib)")
    options = parser.parse_args()
    chosen = [workload for workload in WORKLOADS if workload.name in (options.only or names)]
    counts = options.threads or [1, 2]

    rounds = max(1, options.rounds)
    figures = measured(chosen, counts, rounds, options.patience)
    if figures:
        show(figures, chosen, counts)
    whole = [each for each in commands.COMMANDS if each.name in (options.only or names)]
    processes = taken(whole, rounds, options.patience)
    print(table.processes(processes, whole))
    ratios = reference.ratios(figures, processes)
    print(reference.changes(ratios))
    if options.store:
        reference.store(ratios)
    if options.json:
        facts = {"torch": torch.__version__, "cores": os.cpu_count(), "rounds": options.rounds}
        content = {**facts, "figures": [asdict(found) for found in figures]}
        content["commands"] = [asdict(found) for found in processes]
        options.json.write_text(json.dumps(content, indent=1) + "\n")
    if options.plot and plot.available():
        plot.draw(figures, options.plot)
    elif options.plot:
        print("no plot: matplotlib is not installed", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
