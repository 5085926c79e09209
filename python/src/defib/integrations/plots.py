"""A report as a figure of matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._errors import InvalidArgument

if TYPE_CHECKING:
    from .._report import Finding, Report

_COLOURS = {"error": "tab:red", "warning": "tab:orange", "note": "tab:blue"}
#: How far a measure may lie beyond its threshold on the axis.
_FARTHEST = 1e6
#: From this ratio on an axis is logarithmic.
_SPAN = 20
#: The most characters of a name beside a bar.
_LABEL = 36


def plot(report: Report) -> Any:
    """Draw the causes, the network along its training, and the trials of a cure.

    Raises:
        InvalidArgument: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InvalidArgument("report.plot() needs matplotlib: pip install matplotlib") from error
    panels: list[Callable[[Any], None]] = [lambda axes: _findings(axes, report)]
    if report.timeline:
        panels += [lambda axes: _along(axes, report, "loss", "loss")]
        panels += [lambda axes: _along(axes, report, "gradient_norm", "norm of the gradient")]
    if report.cure is not None and report.cure.after:
        panels.append(lambda axes: _cure(axes, report))
    figure = Figure(figsize=(7, 2.6 * len(panels)), layout="constrained")
    for axes, draw in zip(figure.subplots(len(panels), squeeze=False)[:, 0], panels, strict=True):
        draw(axes)
    return figure


def _findings(axes: Any, report: Report) -> None:
    """Draw how far each alarm lies beyond its threshold, the causes first."""
    causes = list(report.causes)
    rest = [finding for finding in report.findings if finding not in causes]
    measured = [(finding, _excess(finding)) for finding in [*causes, *rest]]
    bars = [(finding, excess) for finding, excess in measured if excess is not None][:12]
    axes.set_title(f"{report.verdict}: {len(causes)} cause{'s' * (len(causes) != 1)}")
    if not bars:
        axes.text(0.5, 0.5, "nothing that was measured has a threshold", ha="center", va="center")
        axes.set_axis_off()
        return
    for row, (finding, excess) in enumerate(bars):
        kind = "cause" if finding in causes else "follows"
        axes.barh(row, excess, left=1, color=_COLOURS.get(finding.severity, "grey"),
                  alpha=1 if kind == "cause" else 0.4)  # fmt: skip
    axes.set_yticks(range(len(bars)), [_shortened(f"{f.rule} at {f.place}") for f, _ in bars])
    if max(excess for _, excess in bars) > _SPAN:
        axes.set_xscale("log")
    axes.invert_yaxis()
    axes.set_xlabel("times beyond the threshold")


def _excess(finding: Finding) -> float | None:
    """Return by how much the farthest measure of a finding is beyond its threshold, as a factor."""
    found = []
    for name in finding.evidence:
        bound, value = finding.evidence.threshold(name), finding.evidence[name]
        if bound and isinstance(value, (int, float)) and value == value:
            ratio = abs(value / bound)
            found.append(min(max(ratio, 1 / ratio if ratio else _FARTHEST), _FARTHEST) - 1)
    return max(found, default=None)


def _along(axes: Any, report: Report, name: str, label: str) -> None:
    """Draw a measure at the moments of the training that were kept."""
    held = [(moment, getattr(moment, name)) for moment in report.timeline]
    held = [(moment, value) for moment, value in held if value is not None]
    if not held:
        return
    places = range(len(held))
    axes.plot(places, [value for _, value in held], marker="o")
    names = [moment.when if moment.step is None else str(moment.step) for moment, _ in held]
    axes.set_xticks(places, names)
    axes.set_xlabel("update")
    axes.set_ylabel(label)
    numbers = [value for _, value in held]
    if min(numbers) > 0 and max(numbers) > _SPAN * min(numbers):
        axes.set_yscale("log")


def _cure(axes: Any, report: Report) -> None:
    """Draw the scores of the training as it was set, and with the changes."""
    cure = report.cure
    assert cure is not None
    rows = [("as set", cure.as_set), ("with the changes", cure.after)]
    for row, (_, scores) in enumerate(rows):
        axes.plot(scores, [row] * len(scores), "o")
    if cure.before is not None:
        axes.axvline(cure.before, linestyle="--", color="grey", label="your run")
        axes.legend()
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_ylim(-0.5, len(rows) - 0.5)
    axes.set_xlabel(cure.score)
    changes = "; ".join(change.text for change in cure.changes)
    axes.set_title(changes or "nothing that was tried does better")


def _shortened(text: str) -> str:
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1]}…"
