"""What one lane of each pass costs in time and in bytes: the figures of docs/scale.md.

python -m benchmarks.replay.scale --rows 1000000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import defib

#: The passes, by the byte that names them in what travels.
PASSES = {1: "data", 2: "targets", 3: "replay", 4: "correlations", 5: "duplicates", 6: "outliers"}


@dataclass
class Cost:
    """All tasks of one pass."""

    lanes: int = 0
    seconds: float = 0.0
    #: Bytes of the pass's description, and of what came back.
    sent: int = 0
    received: int = 0


@dataclass
class Meter:
    """An executor that does every task at once, and notes what it took."""

    costs: dict[str, Cost] = field(default_factory=lambda: defaultdict(Cost))

    def submit(self, fn: Any, /, *arguments: Any) -> Future[Any]:
        """Do a task."""
        _, described, _, count = arguments[:4]
        start = time.perf_counter()
        result = fn(*arguments)
        cost = self.costs[PASSES[described[7]]]
        cost.seconds += time.perf_counter() - start
        cost.lanes += count
        cost.sent = len(described)
        cost.received += len(result)
        future: Future[Any] = Future()
        future.set_result(result)
        return future


def make_run(folder: Path, rows: int, features: int, width: int, classes: int) -> defib.Run:
    """Write a classifier with two hidden layers on random data."""
    rng = np.random.default_rng(0)

    def dense(inputs: int, units: int) -> defib.Dense:
        weights = rng.normal(0, (2 / inputs) ** 0.5, (inputs, units)).astype(np.float32)
        return defib.Dense(weights, np.zeros(units, np.float32))

    model = defib.Sequential(
        dense(features, width), defib.ReLU(), dense(width, width), defib.ReLU(),
        dense(width, classes),
    )  # fmt: skip
    x = rng.standard_normal((rows, features), np.float32)
    y = (x[:, :classes].argmax(axis=1)).astype(np.int64)
    return defib.export(
        folder / "run", model, x, y, loss="cross-entropy", batch_size=256, epochs=1,
        optimizer={"kind": "sgd", "learning_rate": 0.1},
    )  # fmt: skip


def main() -> None:
    """Print a line for each pass."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--features", type=int, default=64)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--classes", type=int, default=10)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = make_run(Path(folder), chosen.rows, chosen.features, chosen.width, chosen.classes)
        times = {}
        reports = []
        meter = Meter()
        for name, executor in (("one thread", None), ("through bytes", meter)):
            start = time.perf_counter()
            reports.append(defib.check(run, workers=1, executor=executor).to_json())
            times[name] = time.perf_counter() - start
    for name, cost in meter.costs.items():
        each, seconds = cost.received / cost.lanes, cost.seconds / cost.lanes
        print(
            f"{name:13} {cost.lanes:4} lanes, {cost.sent:7} bytes sent per task, "
            f"{each:9.0f} bytes and {seconds:.4f} s per lane, "
            f"{1e9 * cost.seconds / chosen.rows:7.1f} ns per sample"
        )
    print(", ".join(f"{name}: {seconds:.2f} s" for name, seconds in times.items()))
    print("reports equal:", reports[0] == reports[1])


if __name__ == "__main__":
    main()
