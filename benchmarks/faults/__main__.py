"""Does what can go wrong around Defib, and ends with 1 where something was lost or left."""

from __future__ import annotations

import argparse
import sys

from . import kills, workers
from .disk import disks
from .rights import rights
from .writers import WRITERS


def progress(text: str) -> None:
    """Show where the work is, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def main() -> int:
    """Do all faults; returns 0, or 1 when something was lost, doubled or left behind."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--moments", type=int, default=200, help="kills per writer (default 200)")
    parser.add_argument("--disks", type=int, default=40, help="sizes of full disks (default 40)")
    parser.add_argument("--workers", type=int, default=20, help="dead workers (default 20)")
    parser.add_argument("--seed", type=int, default=1, help="names the moments (default 1)")
    parser.add_argument("--no-dask", action="store_true", help="no cluster of Dask")
    options = parser.parse_args()

    faults: list[str] = []
    for writer in WRITERS:
        outcome = kills.survey(writer, options.moments, options.seed, progress)
        progress("")
        left = ", ".join(f"{count} {kind}" for kind, count in sorted(outcome.left.items()))
        print(f"{writer.name}: killed at {outcome.moments} moments, which left {left}")
        faults += outcome.faults
    for name, found in (
        ("full disks", disks(options.disks, options.seed, progress)),
        ("forbidden folders and files", rights(progress)),
        ("dead workers", workers.survey(options.workers, options.seed, progress)),
        ("dead workers of Dask", workers.on_dask(0 if options.no_dask else options.workers // 4)),
    ):
        progress("")
        print(f"{name}: {found.cases} cases" + (f"; {found.note}" if found.note else ""))
        faults += found.faults
    for fault in faults:
        print(f"fault: {fault}")
    print(f"{len(faults)} faults")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
