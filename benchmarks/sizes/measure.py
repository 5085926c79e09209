"""measure UNITS LAYERS ROWS: checks a network of that size, and prints what that took as JSON."""

from __future__ import annotations

import json
import resource
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

import defib

FEATURES = 64


class Meter:
    """What a block takes: seconds of processor, and megabytes beyond those held before."""

    seconds = 0.0
    megabytes = 0

    def __enter__(self) -> Meter:
        Path("/proc/self/clear_refs").write_text("5")  # the largest resident size starts anew
        self._held, self._before = resident("VmRSS"), resource.getrusage(resource.RUSAGE_SELF)
        return self

    def __exit__(self, *_: object) -> None:
        after, before = resource.getrusage(resource.RUSAGE_SELF), self._before
        self.seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.megabytes = (resident("VmHWM") - self._held) // 1024


def measured(units: int, layers: int, rows: int) -> dict[str, object]:
    """Check a network of rectifiers whose training had a far too low rate, so that all is tried."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, FEATURES)).astype(np.float32)
    y = np.sin(2 * x[:, :1]) + x[:, 1:2]
    lengths = [FEATURES, *[units] * layers, 1]
    parts: list[defib.sequential.layer.Layer] = []
    parameters = 0
    for inputs, outputs in pairwise(lengths):
        weight = random.normal(0, np.sqrt(2 / inputs), (inputs, outputs)).astype(np.float32)
        parts += [defib.Dense(weight, np.zeros(outputs, np.float32)), defib.ReLU()]
        parameters += weight.size + outputs
    model = defib.Sequential(*parts[:-1])
    with Meter() as meter:
        report = defib.check(
            model, x, y, loss="mse", batch_size=32, epochs=10,
            optimizer={"kind": "adam", "learning_rate": 1e-5},
        )  # fmt: skip
    reasons = report.not_checked.items()
    return {
        "network": "-".join(map(str, lengths)),
        "parameters": parameters,
        "rows": rows,
        "seconds": meter.seconds,
        "megabytes": meter.megabytes,
        "left_out": sorted(rule for rule, reason in reasons if "too large" in reason),
    }


def resident(name: str) -> int:
    """Return a figure of the memory of this process, in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1])


if __name__ == "__main__":
    print(json.dumps(measured(*map(int, sys.argv[1:4]))))
