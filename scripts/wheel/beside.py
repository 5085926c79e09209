"""Imports what is named, in that order, and says how fast each of them is then.

    beside.py "torch, defib"

With a name alone it gives the figures to compare with.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

names = sys.argv[1].split(", ")
modules: dict[str, Any] = {name: importlib.import_module(name) for name in names}
matrix = np.random.default_rng(0).normal(size=(700, 700)).astype(np.float32)


def fastest(call: Callable[[], object]) -> float:
    """Return the fewest milliseconds of several calls."""
    times = []
    for _ in range(9):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def work(name: str) -> Callable[[], object]:
    """Return what a module does in its own threads."""
    module = modules[name]
    if name == "torch":
        tensor = module.from_numpy(matrix)
        return lambda: (tensor @ tensor).sum().item()
    if name == "tensorflow":
        constant = module.constant(matrix)
        return lambda: module.linalg.matmul(constant, constant).numpy()
    if name == "sklearn":
        distances = importlib.import_module("sklearn.metrics").pairwise_distances
        return lambda: distances(matrix)
    sys.path.insert(0, str(Path(__file__).parent))
    model, x, y = importlib.import_module("first_diagnosis").network()
    settings: dict[str, Any] = {
        "loss": "mse",
        "optimizer": {"kind": "sgd", "learning_rate": 0.01},
        "batch_size": 16,
    }

    def check() -> None:
        report = module.check(model, x, y, **settings)
        assert "dead-units" in {finding.rule for finding in report.findings}, report

    return check


calls = {name: work(name) for name in names}
# Once each before anything is measured: pools of threads start with the first call.
for call in calls.values():
    call()
if "torch" in names:
    tensor = modules["torch"].from_numpy(matrix)
    product = (tensor @ tensor).numpy()
elif "tensorflow" in names:
    product = modules["tensorflow"].linalg.matmul(matrix, matrix).numpy()
else:
    product = matrix @ matrix
expected = matrix.astype(np.float64) @ matrix.astype(np.float64)
np.testing.assert_allclose(product, expected, rtol=1e-3, atol=1e-2)
told = ", ".join(f"{name} {fastest(call):.1f} ms" for name, call in calls.items())
maps = Path("/proc/self/maps").read_text().splitlines()
pools = {Path(line.split()[-1]).name for line in maps if "gomp" in line or "iomp" in line}
threads = len(list(Path("/proc/self/task").iterdir()))
print(
    f"import {sys.argv[1]}: {told}; {threads} threads, OpenMP: {', '.join(sorted(pools)) or 'none'}"
)
