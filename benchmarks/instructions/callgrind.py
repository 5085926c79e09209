"""Counts the instructions of a command under callgrind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

#: What would otherwise make two runs differ.
FIXED = {
    "SWIFT_DETERMINISTIC_HASHING": "1",  # the order of a dictionary differs from process to process
    "ONEDNN_MAX_CPU_ISA": "AVX2",  # its last digits decide how long a search goes on
    "DNNL_MAX_CPU_ISA": "AVX2",
    "OMP_NUM_THREADS": "1",
}


def count(executable: Path, arguments: Sequence[str], output: Path) -> int:
    """Run a command and return the instructions of the executable itself."""
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}"]
    command += [str(executable), *arguments]
    environment = {**os.environ, **FIXED}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return own_instructions(output.read_text(errors="replace"), executable)


def own_instructions(profile: str, executable: Path) -> int:
    """Add up the cost lines of one object file; the line after `calls=` is what was called."""
    names: dict[str, str] = {}
    total = 0
    own = called = False
    for line in profile.splitlines():
        if line.startswith(("ob=", "cob=")):
            kind, _, rest = line.partition("=")
            key, _, name = rest.partition(" ")
            if name:
                names[key] = name
            if kind == "ob":
                own = Path(names[key]).resolve() == executable.resolve()
        elif line.startswith("calls="):
            called = True
        elif line[:1] in set("0123456789+-*"):
            if own and not called:
                total += int(line.split()[1])
            called = False
    return total
