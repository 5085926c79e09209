"""Hands a report to the tracker of an experiment: MLflow, W&B, TensorBoard and their like."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._errors import InvalidArgument

if TYPE_CHECKING:
    from .._report import Report

#: Names under which a report is logged.
_TEXT, _PAGE = "defib/report.txt", "defib/report.html"


def log(report: Report, tracker: Any) -> None:
    """Log a report: its counts as metrics, and itself as a page or a text.

    Args:
        report: The report.
        tracker: The module `mlflow` or a client of it, a run of W&B, a SummaryWriter, a logger of
            Lightning, or anything that has `log_metrics` or `log` for a dict of numbers.

    Raises:
        InvalidArgument: the tracker has none of these.
    """
    held = getattr(tracker, "experiment", None)
    if held is not None and callable(getattr(tracker, "log_hyperparams", None)):
        tracker = held  # a logger of Lightning, around the tracker itself
    numbers = figures(report)
    if _has(tracker, "log_metrics", "log_text"):
        tracker.log_metrics(numbers)
        tracker.log_text(str(report), _TEXT)
        tracker.log_text(report.render("html"), _PAGE)
    elif _has(tracker, "add_scalar", "add_text"):
        for name, value in numbers.items():
            tracker.add_scalar(name, value)
        tracker.add_text("defib/report", report.render("markdown"))
    elif _has(tracker, "log"):
        page = getattr(sys.modules.get("wandb"), "Html", None)
        tracker.log(
            {**numbers, "defib/report": page(report.render("html")) if page else str(report)}
        )
    elif _has(tracker, "log_metrics"):
        tracker.log_metrics(numbers)
    else:
        raise InvalidArgument(
            f"the tracker is {type(tracker).__name__}, which has neither log_metrics nor log nor "
            "add_scalar"
        )


def figures(report: Report) -> dict[str, float]:
    """Return what a tracker can draw and compare: the counts of a report, and each cause as 1."""
    severities = [finding.severity for finding in report.findings]
    numbers = {
        "defib/healthy": float(report.healthy),
        "defib/causes": float(len(report.causes)),
        "defib/errors": float(severities.count("error")),
        "defib/warnings": float(severities.count("warning")),
    }
    return numbers | {f"defib/cause/{cause.rule}": 1.0 for cause in report.causes}


def _has(tracker: Any, *names: str) -> bool:
    return all(callable(getattr(tracker, name, None)) for name in names)


def step_summary(report: Report) -> bool:
    """Append a report to the summary of the running job of GitHub Actions.

    Returns:
        False where no job runs: GITHUB_STEP_SUMMARY is not set.
    """
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return False
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(report.render("markdown").rstrip("\n") + "\n\n")
    return True
