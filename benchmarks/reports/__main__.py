"""Runs every report's script, or those named, and prints how the diagnoses fared."""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TIMEOUT = 400.0  # seconds for one script, which trains twice and checks three times


@dataclass
class Row:
    """What one report's three checks said, each as `checking.diagnose` noted it."""

    name: str
    truth: dict[str, Any]
    full: dict[str, Any]
    lazy: dict[str, Any]
    fixed: dict[str, Any]

    @property
    def control(self) -> bool:
        """Whether nothing is wrong."""
        return bool(self.truth.get("control"))

    def right(self, cause: dict[str, str]) -> bool:
        """Whether an accepted rule is named, with the words that are asked of it."""
        says = re.search(self.truth.get("says") or "", cause["says"])
        return cause["rule"] in self.truth["accepted"] and says is not None

    def rank(self, told: dict[str, Any]) -> int | None:
        """Return the place of an accepted cause, from 1; None: it has none."""
        places = (n for n, cause in enumerate(alarms(told), 1) if self.right(cause))
        return next(places, None)


def alarms(told: dict[str, Any]) -> list[dict[str, str]]:
    """Return the causes of a check that are no notes."""
    return [cause for cause in told.get("causes", []) if cause["severity"] != "note"]


def run(name: str, folder: Path) -> Row:
    """Run one script in a process of its own and read what it noted."""
    command = [sys.executable, "-m", f"{__package__}.scripts.{name}"]
    try:
        subprocess.run(
            command, cwd=HERE.parents[1], env=os.environ | {"REPORTS_OUT": str(folder)},
            capture_output=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        trouble = ""
    except subprocess.TimeoutExpired:
        trouble = f"ran past {TIMEOUT:.0f} s"
    except subprocess.CalledProcessError as error:
        trouble = error.stderr.decode().strip().splitlines()[-1]

    def read(variant: str) -> dict[str, Any]:
        path = folder / f"{name}.{variant}.json"
        told = json.loads(path.read_text()) if path.exists() else {"refused": trouble or "not run"}
        return dict(told)

    truth = json.loads((HERE / "truth.json").read_text())[name]
    return Row(name, truth, read("full"), read("lazy"), read("fixed"))


def show(row: Row) -> None:
    """Print one report's line."""
    fixed = [cause["rule"] for cause in alarms(row.fixed)]
    if row.control:
        print(f"{row.name:26s} control: {', '.join(fixed) or 'quiet'}")
        return
    ranks = f"{row.rank(row.full) or '-'} lazily told {row.rank(row.lazy) or '-'}"
    causes = [cause["rule"] for cause in alarms(row.full)] or [row.full.get("refused", "nothing")]
    print(f"{row.name:26s} {ranks}  {', '.join(causes)[:90]} | repaired {', '.join(fixed) or '-'}")


def summary(rows: list[Row]) -> dict[str, float]:
    """Return the figures: shares of the reports, and of repaired forms and controls."""
    faults = [row for row in rows if not row.control]
    listed = [row.right(cause) for row in faults for cause in alarms(row.full)]

    def share(those: list[bool]) -> float:
        return round(sum(those) / max(1, len(those)), 3)

    def raised(severity: str) -> float:
        return share([severity in row.fixed.get("severities", []) for row in rows])

    return {
        "reports": len(faults),
        "detected": share([bool(alarms(row.full)) for row in faults]),
        "first": share([row.rank(row.full) == 1 for row in faults]),
        "three": share([(row.rank(row.full) or 4) < 4 for row in faults]),
        "lazy_first": share([row.rank(row.lazy) == 1 for row in faults]),
        "refused": share(["refused" in row.full for row in faults]),
        "called_healthy": share([bool(row.full.get("healthy")) for row in faults]),
        "precision": share(listed),
        "errors_on_repaired": raised("error"),
        "warnings_on_repaired": raised("warning"),
        "median_s": statistics.median([row.full.get("seconds", 0.0) for row in rows] or [0.0]),
    }


def main() -> int:
    """Run and print; returns 0, or 1 where a repaired form was called an error."""
    parser = argparse.ArgumentParser(prog="benchmarks.reports", description=__doc__)
    parser.add_argument("names", nargs="*", help="reports, such as nanlog; default all")
    parser.add_argument("--jobs", type=int, default=2, help="scripts at a time (default 2)")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args()
    names = options.names or sorted(json.loads((HERE / "truth.json").read_text()))
    rows = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        for row in pool.map(lambda name: run(name, Path(folder)), names):
            show(row)
            rows.append(row)
    figures = summary(rows)
    print(json.dumps(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return int(figures["errors_on_repaired"] > 0)


if __name__ == "__main__":
    sys.exit(main())
