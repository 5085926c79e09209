"""python -m benchmarks.sizes prints the table of docs/performance.md, a process per size."""

from __future__ import annotations

import json
import subprocess
import sys

#: units of a hidden layer, hidden layers, rows
SIZES = ((64, 2, 2000), (512, 2, 2000), (2048, 2, 2000), (4096, 3, 2000), (64, 2, 200_000))


def main() -> int:
    """Measure each size and print a line of the table."""
    print("| network | parameters | rows | processor time | memory | left out for its size |")
    print("|---|---|---|---|---|---|")
    for size in SIZES:
        command = [sys.executable, "-m", "benchmarks.sizes.measure", *map(str, size)]
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
