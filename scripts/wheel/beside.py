"""Imports in the order that is named, and says how fast PyTorch and a check are then."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

names = sys.argv[1].split(", ")
modules = {name: importlib.import_module(name) for name in names}
defib = modules["defib"]
sys.path.insert(0, str(Path(__file__).parent))
first_diagnosis = importlib.import_module("first_diagnosis")


def fastest(call: Callable[[], object]) -> float:
    """Return the fewest milliseconds of several calls."""
    times = []
    for _ in range(7):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


model, x, y = first_diagnosis.network()
settings: dict[str, Any] = {
    "loss": "mse",
    "optimizer": {"kind": "sgd", "learning_rate": 0.01},
    "batch_size": 16,
}
report = defib.check(model, x, y, **settings)
assert "dead-units" in {finding.rule for finding in report.findings}, report
ours = fastest(lambda: defib.check(model, x, y, **settings))
told = f"import {sys.argv[1]}: check {ours:.1f} ms"
if "torch" in modules:
    torch = modules["torch"]
    matrix = torch.randn(700, 700)
    told += f", product of PyTorch {fastest(lambda: matrix @ matrix):.1f} ms"
maps = Path("/proc/self/maps").read_text().splitlines()
pools = [line.split()[-1] for line in maps if "gomp" in line or "iomp" in line]
print(f"{told}, pools of threads: {', '.join(sorted({Path(p).name for p in pools})) or 'none'}")
