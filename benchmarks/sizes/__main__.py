"""python -m benchmarks.sizes prints the tables of docs/performance.md, a process per network."""

from __future__ import annotations

import json
import subprocess
import sys

from .networks import CASES

#: units of a hidden layer, hidden layers, rows
SIZES = ((64, 2, 2000), (512, 2, 2000), (2048, 2, 2000), (4096, 3, 2000), (64, 2, 200_000))


def main() -> int:
    """Measure each size and print a line of the table."""
    print("| network | parameters | rows | processor time | memory | left out for its size |")
    print("|---|---|---|---|---|---|")
    commands = [["measure", *map(str, size)] for size in SIZES]
    for module, *arguments in [*commands, *(["networks", name] for name in CASES)]:
        command = [sys.executable, "-m", f"benchmarks.sizes.{module}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            return 1
        print(line(json.loads(done.stdout)))
    return 0


def line(found: dict[str, object]) -> str:
    """Return the line of a size."""
    left_out = ", ".join(f"`{rule}`" for rule in found["left_out"])  # type: ignore[attr-defined]
    return (
        f"| {found['network']} | {found['parameters']:,} | {found['rows']:,} "
        f"| {found['seconds']:.1f} s | {found['megabytes']} MB | {left_out or 'nothing'} |"
    )


if __name__ == "__main__":
    sys.exit(main())
