"""Counts the workloads and compares them with counts.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import callgrind
from .workloads import WORKLOADS

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build-counts"
STORED = Path(__file__).with_name("counts.json")
MARGIN = 0.10
CPU = "haswell"


def built() -> Path:
    """Build the command line, unless that is done already, and return it with its symbols."""
    script = ROOT / "scripts/build-engine"
    if os.environ.get("DEFIB_CPU") == CPU:
        subprocess.run([script], check=True)
        return ROOT / ".build/release/defib-cli"
    subprocess.run([script, BUILD], env={**os.environ, "DEFIB_CPU": CPU}, check=True)
    return BUILD / "defib"


def counted(executable: Path) -> dict[str, int]:
    """Count every workload."""
    BUILD.mkdir(exist_ok=True)
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, workload in WORKLOADS:
            arguments = workload(Path(folder) / name)
            counts[name] = callgrind.count(executable, arguments, BUILD / f"{name}.out")
    return counts


def too_many(counts: dict[str, int], stored: dict[str, int]) -> bool:
    """Print the comparison; returns whether a workload takes more than the margin allows."""
    failed = False
    for name, found in counts.items():
        change = found / stored[name] - 1
        verdict = ""
        if change > MARGIN:
            failed, verdict = True, "  too many: find out why, or --store if it is worth it"
        elif change < -MARGIN:
            verdict = "  fewer: --store, so that it stays that way"
        print(f"{name:10} {found:14,} of {stored[name]:14,}  {change:+7.2%}{verdict}")
    return failed


def main() -> int:
    """Count and compare; returns 1 when a workload takes too many instructions."""
    parser = argparse.ArgumentParser(prog="benchmarks.instructions", description=__doc__)
    parser.add_argument("--store", action="store_true", help="keep the counts in counts.json")
    options = parser.parse_args()
    if platform.machine() != "x86_64" or "avx2" not in Path("/proc/cpuinfo").read_text():
        print("instructions: not compared, for they are those of an x86-64 with AVX2")
        return 0
    if not shutil.which("valgrind"):
        sys.exit("instructions: valgrind is missing: scripts/install-system-packages --tests")
    counts = counted(built())
    if options.store:
        STORED.write_text(json.dumps(counts, indent=2) + "\n")
    return int(too_many(counts, json.loads(STORED.read_text())))


if __name__ == "__main__":
    sys.exit(main())
