"""Which engine of a wheel this processor can run, and what to do when one cannot be loaded."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path

from ._errors import EngineError

#: The lowest level of x86-64 that there is an engine for.
FLOOR = 2

#: libraries of the system that a source build needs -> the packages of Debian that bring them
PACKAGES = {
    "libdnnl": "libdnnl-dev",
    "libgomp": "libgomp1",
    "libz": "zlib1g",
    "libstdc++": "libstdc++6",
    "libOpenCL": "ocl-icd-libopencl1",
}


def variant(folder: Path) -> Path | None:
    """Find the engine for this processor in a folder of a wheel; None where there are none.

    Raises:
        EngineError: the processor is older than every engine.
    """
    teller = folder / "libdefib-cpu.so"
    if not teller.is_file():
        return None
    try:
        level = int(ctypes.CDLL(str(teller)).defib_cpu_level())
    except OSError as error:
        raise EngineError(f"{teller} cannot be loaded: {error}") from error
    if level < FLOOR:
        raise EngineError(
            "this processor is too old for Defib: the engine needs x86-64-v2 (SSE4.2 and POPCNT), "
            "which processors have had since about 2009"
        )
    return next(
        (
            path
            for number in range(level, FLOOR - 1, -1)
            if (path := folder / f"libdefib-v{number}.so").is_file()
        ),
        None,
    )


def advice(error: OSError) -> str:
    """Say which package brings the library that the loader missed; "" where that is not known."""
    found = re.match(r"(lib[\w+]+)\S*: cannot open shared object file", str(error))
    package = PACKAGES.get(found[1]) if found else None
    return f"; on Debian and Ubuntu, 'apt install {package}' brings it" if package else ""
