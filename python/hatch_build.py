"""Puts the engine into the wheel, building it first where it is not there yet."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIBRARY = Path("src/defib/libdefib.so")


class EngineHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if not (root / LIBRARY).exists():
            script = root.parent / "scripts" / "build-engine"
            if not script.exists():
                raise RuntimeError(
                    f"{LIBRARY} is missing and there is no {script} to build it with; "
                    "build the wheel from a clone of the whole repository"
                )
            subprocess.run([str(script)], cwd=root.parent, check=True)
        if not (root / LIBRARY).exists():
            raise RuntimeError(f"scripts/build-engine ended without writing {LIBRARY}")
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-linux_x86_64"
        if version != "editable":
            # Version control ignores *.so, so the file has to be asked for by name.
            build_data["force_include"][str(root / LIBRARY)] = "defib/libdefib.so"
