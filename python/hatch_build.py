"""Puts the engine into the wheel, building it first where it is not there yet.

DEFIB_WHEEL names a folder of libraries to put in instead: scripts/build-wheel fills it. Man pages
and completions come along, as an environment has them in its folder `share`, and the page for
coding agents, as `defib/agents/SKILL.md`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIBRARY = Path("src/defib/libdefib.so")


def build(root: Path) -> None:
    """Build the engine, or end in one sentence: a traceback of pip tells nobody what to do."""
    script = root.parent / "scripts" / "build-engine"
    if not script.exists():
        sys.exit(
            f"defib: {LIBRARY} is missing, and so is {script}, which builds it: install from a "
            "clone of the whole repository, or install a wheel"
        )
    if shutil.which("swift") is None:
        sys.exit(
            "defib: building the engine takes Swift 6.3 (https://www.swift.org/install) and there "
            "is no 'swift' on the PATH: install it, or install a wheel, which needs neither"
        )
    if not any(Path("/usr/include").glob("**/dnnl.h")):
        sys.exit(
            "defib: building the engine takes oneDNN, and there is no dnnl.h in /usr/include: on "
            "Debian and Ubuntu, apt install libdnnl-dev zlib1g-dev"
        )
    status = subprocess.run([str(script)], cwd=root.parent, check=False).returncode
    if status != 0 or not (root / LIBRARY).exists():
        sys.exit(f"defib: {script} ended with status {status} and left no {LIBRARY}; see above")


def manuals(folder: Path, wheel: str) -> dict[str, str]:
    """Return the files below a folder `share`, and where they go in a wheel."""
    files = (file for file in (folder / "share").rglob("*") if file.is_file())
    return {str(file): f"{wheel}.data/data/{file.relative_to(folder)}" for file in files}


class EngineHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        build_data["pure_python"] = False
        wheel = f"defib-{self.metadata.version}"
        skill = root.parent / "docs" / "agents" / "SKILL.md"
        if version != "editable" and skill.exists():
            build_data["force_include"][str(skill)] = "defib/agents/SKILL.md"
        if folder := os.environ.get("DEFIB_WHEEL"):
            build_data["tag"] = "py3-none-manylinux_2_34_x86_64"
            for file in Path(folder).glob("lib*"):
                build_data["force_include"][str(file)] = f"defib/{file.name}"
            build_data["force_include"].update(manuals(Path(folder), wheel))
            return
        if not (root / LIBRARY).exists():
            build(root)
        build_data["tag"] = "py3-none-linux_x86_64"
        if version != "editable":
            # Version control ignores *.so, so the file has to be asked for by name.
            build_data["force_include"][str(root / LIBRARY)] = "defib/libdefib.so"
            # What make build has left beside it.
            build_data["force_include"].update(manuals(root.parent, wheel))
