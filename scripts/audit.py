#!/usr/bin/env python3
"""Looks for known holes in all that is pinned: audit.py [FILE…].

Ends with 0 when every package was looked up and none has one, with 1 when one has, and with 2 when
a package could not be looked up, as without a way to the database: nothing is known then.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "python"


def looked_up(file: Path) -> list[dict[str, Any]]:
    """Return what pip-audit knows of the packages of a file; none where it says nothing."""
    ended = subprocess.run(
        [
            sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--format",
            "json", "--progress-spinner", "off", "--requirement", str(file),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        found: list[dict[str, Any]] = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"{file.name}: pip-audit says: {ended.stderr.strip()[-300:]}")
        return []
    return found


def verdict(name: str, packages: list[dict[str, Any]]) -> tuple[str, int]:
    """Return what there is to say about a file, and the exit status that it asks for."""
    skipped = [entry["name"] for entry in packages if "skip_reason" in entry]
    lines, status = [], 0
    for entry in packages:
        for hole in entry.get("vulns", ()):
            fixed = ", ".join(hole.get("fix_versions", ())) or "no version"
            lines.append(f"{entry['name']} {entry['version']}: {hole['id']}, mended in {fixed}")
            status = 1
    known = len(packages) - len(skipped)
    lines.append(f"{name}: {known} of {len(packages)} packages looked up")
    if skipped or not packages:
        lines.append(f"{name}: not known of: {', '.join(skipped) or 'anything'}")
        status = status or 2
    return "\n".join(lines), status


def main() -> int:
    """Audit the files; returns the exit status."""
    given = [Path(name) for name in sys.argv[1:]]
    files = given or [FOLDER / f"requirements-{name}.txt" for name in ("test", "release")]
    statuses = []
    for file in files:
        text, status = verdict(file.name, looked_up(file))
        print(text)
        statuses.append(status)
    return 1 if 1 in statuses else max(statuses)


if __name__ == "__main__":
    sys.exit(main())
