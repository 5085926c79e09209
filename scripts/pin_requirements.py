#!/usr/bin/env python3
"""Pins by hash what the tests and a release install: python/requirements-*.txt from *.in.

pin_requirements.py             what is pinned stays where it still fits
pin_requirements.py --upgrade   the newest of everything

pip's own settings say where packages come from; no place is written down. A local part of a
version, as CPU builds of torch have one (+cpu), is left out: hashes tell which file is meant.
It runs in .venv-release, which `make-venv --release` makes, or wherever pip-tools is.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "python"
#: What the system's own Python gets beside the system's own NumPy.
FEW = ("pytest", "hypothesis")
HEADS = {
    name: f"# Written by scripts/pin_requirements.py from {source}: do not edit. For Python 3.11.\n"
    for name, source in {
        "test": "requirements-test.in",
        "release": "requirements-release.in",
        "debian": "requirements-test.txt",
    }.items()
}


def compiled(name: str, options: list[str]) -> str:
    """Let pip-compile write a file anew, and return its text as it is kept."""
    file = FOLDER / f"requirements-{name}.txt"
    quiet = [f"--no-emit-{what}" for what in ("index-url", "trusted-host", "find-links")]
    subprocess.run(
        [
            sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes",
            "--strip-extras", "--allow-unsafe", "--no-header", *quiet, *options,
            "--output-file", file.name, f"requirements-{name}.in",
        ],
        cwd=FOLDER, check=True,
    )  # fmt: skip
    return kept(file.read_text(), HEADS[name])


def kept(text: str, head: str) -> str:
    """Return what pip-compile wrote without local parts of versions, under a first line."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("# Written by")]
    return head + re.sub(r"(?m)^([\w.-]+==[\w.!]+)\+\w+(?= )", r"\1", "".join(lines))


def blocks(text: str) -> dict[str, str]:
    """Take a file apart: name -> its line, its hashes, and the comment on who needs it."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        if begin := re.match(r"([\w.-]+)==", line):
            name = begin[1]
        if name and (begin or line.startswith(" ")):
            found[name] = found.get(name, "") + line
    return found


def few(text: str) -> str:
    """Return the part of a file that `FEW` and what they need are."""
    every = blocks(text)
    chosen = set(FEW)
    while True:
        needed = {
            name for name, block in every.items()
            if chosen & set(re.findall(r"^ +# +(?:via +)?([\w.-]+)$", block, re.MULTILINE))
        }  # fmt: skip
        if needed <= chosen:
            break
        chosen |= needed
    lines = "".join(every[name] for name in sorted(chosen)).splitlines(keepends=True)
    # The last line of hashes has no backslash, and who needs what is told in the longer file.
    return HEADS["debian"] + "".join(line for line in lines if "#" not in line)


def main() -> None:
    """Write all three files."""
    for name in ("test", "release"):
        text = compiled(name, sys.argv[1:])
        (FOLDER / f"requirements-{name}.txt").write_text(text)
    text = (FOLDER / "requirements-test.txt").read_text()
    (FOLDER / "requirements-debian.txt").write_text(few(text))


if __name__ == "__main__":
    main()
