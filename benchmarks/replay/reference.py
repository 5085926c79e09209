"""The ratios of an earlier measurement, which are kept beside the sources."""

from __future__ import annotations

import datetime
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

import defib

from .commands import Taken
from .measuring import Figures

FILE = Path(__file__).with_name("ratios.json")
#: What a processor has that decides which code runs.
FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile")


def ratios(figures: Sequence[Figures], taken: Sequence[Taken]) -> dict[str, float]:
    """Return every ratio of Defib's time to another's, by workload, threads and side."""
    found = {
        f"{each.workload}, {each.threads} thread{'s' * (each.threads > 1)}, of {side}": ratio
        for each in figures
        for side, ratio in each.ratios.items()
    }
    found |= {f"{each.workload}, of {side}": r for each in taken for side, r in each.ratios.items()}
    return found


def load() -> dict[str, Any]:
    """Return what is stored, with nothing in it when there is no file."""
    if not FILE.exists():
        return {"ratios": {}}
    content: dict[str, Any] = json.loads(FILE.read_text())
    return content


def store(found: Mapping[str, float]) -> None:
    """Store the ratios that were measured; the others stay."""
    kept = {**load()["ratios"], **{name: round(ratio, 4) for name, ratio in found.items()}}
    content = {
        "date": datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat(),
        "processor": {"machine": platform.machine(), "cores": os.cpu_count(), "has": _features()},
        "versions": {
            "defib": defib.__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
        "ratios": dict(sorted(kept.items())),
    }
    FILE.write_text(json.dumps(content, indent=2) + "\n")


def changes(found: Mapping[str, float]) -> str:
    """Return a line for every ratio: now, as stored, and the change. Nobody fails by it."""
    stored = load()
    if not stored["ratios"]:
        return f"nothing to compare with: --store keeps these ratios in {FILE.name}"
    has = stored["processor"]["has"]
    lines = [f"beside {FILE.name} of {stored['date']}, {' '.join(has)}:"]
    if has != _features():
        lines.append("another processor: it has " + " ".join(_features()))
    for name, ratio in found.items():
        before = stored["ratios"].get(name)
        if before is None:
            lines.append(f"  {name}: {ratio:.3f}, not stored")
        else:
            lines.append(
                f"  {name}: {ratio:.3f}, was {before:.3f}, {100 * (ratio / before - 1):+.0f} %"
            )
    return "\n".join(lines)


def _features() -> list[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    return [feature for feature in FEATURES if feature in flags]
