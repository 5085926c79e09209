"""What every script calls: it checks a run as its author would and notes what was said."""

from __future__ import annotations

import json
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
os.environ.update(dict.fromkeys(THREADS, "1"), TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")

import numpy as np  # noqa: E402 - the number of threads is read when it is imported

import defib  # noqa: E402

__all__ = ["diagnose", "digits", "note", "np", "run"]

#: What an author who tells everything passes besides the model, the data and the loss.
KEYWORDS = ("optimizer", "batch_size", "epochs", "history", "initial", "validation", "mode")

Case = dict[str, Any]


def diagnose(name: str, variant: str, *args: Any, **keywords: Any) -> None:
    """Check a run, and note its causes and findings, or the exception, in REPORTS_OUT."""
    start, told = time.perf_counter(), {}  # type: tuple[float, dict[str, Any]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            report = defib.check(*args, **keywords)
            told = {
                "causes": [
                    {"rule": c.rule, "severity": str(c.severity), "says": c.message + c.remedy}
                    for c in report.causes
                ],
                "severities": [str(finding.severity) for finding in report.findings],
                "healthy": bool(report.healthy),
            }
        except defib.DefibError as error:
            told = {"refused": f"{type(error).__name__}: {error}"}
    told["seconds"] = round(time.perf_counter() - start, 2)
    folder = Path(os.environ.get("REPORTS_OUT", ".scoreboard/reports"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.{variant}.json").write_text(json.dumps(told, indent=1))
    print(name, variant, told.get("refused") or [cause["rule"] for cause in told["causes"]])


def note(name: str, **facts: Any) -> None:
    """Print what a training measured of itself."""
    print(f"  {name}: {facts}")


def run(name: str, build: Callable[[bool], Case]) -> None:
    """Check what `build(False)` trained, fully and lazily told, and what `build(True)` did."""
    faulty, repaired = build(False), build(True)
    note(name, faulty=faulty["metric"], repaired=repaired["metric"])
    for variant, case, keys in (
        ("full", faulty, KEYWORDS), ("lazy", faulty, ()), ("fixed", repaired, KEYWORDS)
    ):  # fmt: skip
        told = {key: case[key] for key in (*keys, "loss") if case.get(key) is not None}
        diagnose(name, variant, case["model"], case["x"], case["y"], **told)


def digits(
    scale: float = 1 / 16, image: bool = True, channels_last: bool = False, n: int | None = None
) -> tuple[np.ndarray, ...]:
    """Return scikit-learn's digits in an order of seed 0: x and y, then the last fifth of each."""
    from sklearn.datasets import load_digits

    data = load_digits()
    x, y = (data.images * scale).astype("float32"), data.target.astype("int64")
    order = np.random.default_rng(0).permutation(len(x))[:n]
    x, y = x[order], y[order]
    x = (x[..., None] if channels_last else x[:, None]) if image else x.reshape(len(x), -1)
    kept = int(len(x) * 0.8)
    return x[:kept], y[:kept], x[kept:], y[kept:]
