"""Times the engines of a wheel beside one another: `python -m benchmarks.replay.engines A.so B.so`.

Each turn runs every engine once, in a process of its own, and PyTorch's plain pass. Figures are
medians of the turns, in milliseconds per batch.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from .workloads import WORKLOADS

#: Runs in a process of its own: replays of one run, the fastest of three, in seconds.
REPLAY = """
import sys, defib
print(min(defib.vitals(sys.argv[1], workers=1).seconds for _ in range(3)))
"""
PLAIN = """
import sys, time
from pathlib import Path
from benchmarks.replay.sides import PyTorch
from benchmarks.replay.workloads import WORKLOADS
import torch
torch.set_num_threads(1)
prepared = next(w for w in WORKLOADS if w.name == sys.argv[2]).prepare(Path(sys.argv[1]))
plain = PyTorch(prepared)
plain()
taken = []
for _ in range(3):
    start = time.perf_counter()
    plain()
    taken.append(time.perf_counter() - start)
print(min(taken))
"""


def seconds(program: str, arguments: list[str], library: Path | None) -> float:
    """Run a program in a process of its own; returns the seconds that it prints last."""
    environment = dict(os.environ)
    if library is not None:
        environment["DEFIB_LIBRARY"] = str(library)
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], env=environment, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def main() -> int:
    """Print a line for each workload: every engine, and PyTorch's plain pass."""
    parser = argparse.ArgumentParser(prog="benchmarks.replay.engines", description=__doc__)
    parser.add_argument("libraries", nargs="+", type=Path, metavar="LIBRARY")
    parser.add_argument("--only", action="append", help="a workload; default: all of one thread")
    parser.add_argument("--rounds", type=int, default=3, help="turns of every side (default 3)")
    options = parser.parse_args()
    names = [library.stem.removeprefix("libdefib-") for library in options.libraries]
    print(f"{'':12}", *(f"{name:>9}" for name in [*names, "plain"]))
    for workload in WORKLOADS:
        if options.only and workload.name not in options.only:
            continue
        taken: dict[str, list[float]] = {name: [] for name in [*names, "plain"]}
        with tempfile.TemporaryDirectory() as folder:
            run = workload.prepare(Path(folder)).run.path
            for _ in range(options.rounds):
                for name, library in zip(names, options.libraries, strict=True):
                    taken[name].append(seconds(REPLAY, [str(run)], library.resolve()))
                with tempfile.TemporaryDirectory() as other:
                    taken["plain"].append(seconds(PLAIN, [other, workload.name], None))
        found = {name: 1000 * median(times) / workload.batches for name, times in taken.items()}
        print(f"{workload.name:12}", *(f"{figure:9.3g}" for figure in found.values()), flush=True)
        print(json.dumps({workload.name: found}), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
