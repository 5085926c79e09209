"""What `scripts/prove-wheel` runs where a wheel is installed: a first diagnosis, twice.

    first_diagnosis.py REPORT RUN

checks a network of NumPy whose hidden layer is dead, exports the run to RUN, checks it by the
command line, and writes the report as JSON to REPORT.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

import defib
from defib import _commands, _native


def network() -> tuple[Any, Any, Any]:
    """Make a network whose hidden layer never fires, and rows that it cannot tell apart."""
    random = np.random.default_rng(0)
    x = random.normal(size=(120, 3)).astype(np.float32)
    y = (x @ np.array([[1.0], [-2.0], [0.5]])).astype(np.float32)
    weights = random.normal(size=(3, 8)).astype(np.float32) * 0.1
    model = defib.Sequential(
        defib.Dense(weights, np.full(8, -50, np.float32), name="hidden"),
        defib.ReLU(),
        defib.Dense(random.normal(size=(8, 1)).astype(np.float32), np.zeros(1, np.float32)),
    )
    return model, x, y


def main() -> int:
    """Check, export, check again; end with a sentence where something is not as it must be."""
    report_file, run = Path(sys.argv[1]), Path(sys.argv[2])
    settings: dict[str, Any] = {"loss": "mse", "optimizer": {"kind": "sgd", "learning_rate": 0.01}}
    model, x, y = network()
    report = defib.check(model, x, y, batch_size=16, epochs=5, **settings)
    if "dead-units" not in {finding.rule for finding in report.findings}:
        sys.exit(f"the dead layer was not found:\n{report}")
    defib.export(run, model, x, y, batch_size=16, epochs=5, **settings)
    sys.argv = ["defib", "check", str(run), "--format", "json", "--output", str(report_file)]
    status = _commands.defib()
    if status != 1:
        sys.exit(f"defib check ended with status {status}, not 1")
    print(f"{_native.library_path().name}: {len(report.findings)} findings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
