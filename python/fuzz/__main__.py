"""Does cases, prints how they ended, and saves those that must not be."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from . import cases, drive, subject, zoo

ROOT = Path(__file__).resolve().parents[2]


def progress(text: str) -> None:
    """Show where the work is, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def save(end: drive.End, runs: dict[str, subject.Subject], place: Path) -> Path:
    """Write the run of a failure, and a line that says what is wrong with it."""
    case = end.small or end.case
    folder = place / f"{end.kind}-{end.case.seed}-{end.case.number}"
    shutil.rmtree(folder, ignore_errors=True)
    cases.build(case, runs).save(folder / "run")
    again = f"python -m fuzz --seed {case.seed} --case {case.number}"
    (folder / "README").write_text(f"{end.text}\n{case}\n{again}\n")
    return folder


def main() -> int:
    """Do the cases; returns 0, or 1 when one trapped, hung or ended in something odd."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="how many (default 1000)")
    parser.add_argument("--seed", type=int, default=1, help="names the cases (default 1)")
    parser.add_argument("--case", type=int, help="only the one with this number")
    parser.add_argument("--only", help="only those of this run of the zoo")
    parser.add_argument("--seconds", type=float, default=20, help="processor time for one case")
    parser.add_argument("--memory", type=int, default=1 << 30, help="bytes for it; 0: no limit")
    parser.add_argument("--save", type=Path, default=ROOT / ".fuzz", help="where failures go")
    options = parser.parse_args()

    runs = zoo.zoo()
    numbers = range(options.cases) if options.case is None else [options.case]
    chosen = [cases.case(options.seed, number, list(runs)) for number in numbers]
    chosen = [case for case in chosen if options.only in (None, case.base)]
    budget = drive.Budget(seconds=options.seconds, memory=options.memory)
    with tempfile.TemporaryDirectory() as folder:
        summary = drive.survey(drive.Driver(runs, Path(folder), budget), chosen, progress)
    progress("")
    for end in summary.failures:
        print(f"{end.kind}: {end.small or end.case}\n    {end.text}")
        print(f"    saved in {save(end, runs, options.save)}")
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(summary.counts.items()))
    print(f"{len(chosen)} cases with seed {options.seed}: {counted}")
    if summary.slowest is not None:
        print(f"the longest took {summary.slowest.seconds:.1f} s: {summary.slowest.case}")
    return int(bool(summary.failures))


if __name__ == "__main__":
    sys.exit(main())
