"""The report as HTML: for notebooks, and as a page. Nothing in it comes from elsewhere."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from ._text import printable

if TYPE_CHECKING:
    from ._report import Finding, Report

_STYLE = """
.defib{font:14px/1.5 system-ui,sans-serif;max-width:60em}
.defib h2{font-size:1.15em;margin:.6em 0}
.defib details{border-left:4px solid #999;margin:.4em 0;padding:.2em .8em}
.defib details.error{border-color:#c0392b}
.defib details.warning{border-color:#d68910}
.defib details.note{border-color:#2874a6}
.defib summary{cursor:pointer}
.defib code{font-size:.95em}
.defib table{border-collapse:collapse;margin:.4em 0}
.defib th,.defib td{text-align:left;padding:.1em 1em .1em 0;font-weight:normal}
.defib .quiet{opacity:.7}
"""


def escape(text: str) -> str:
    """Return a text as HTML that shows it and does nothing else."""
    return html.escape(printable(text))


def page(report: Report) -> str:
    """Return a whole page."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Defib report</title></head><body>{body(report)}</body></html>\n"
    )


def body(report: Report) -> str:
    """Return the report as one element: each cause opens into what it led to."""
    parts = [f"<style>{_STYLE}</style>"]
    if report.healthy:
        parts.append("<h2>Healthy: no error and no warning</h2>")
    elif report.verdict == "could-not-tell":
        parts.append("<h2>Could not tell whether it learned</h2>")
        missing = "".join(f"<li>{escape(sentence)}</li>" for sentence in report.missing)
        parts.append(f"<p>To judge it, hand over</p><ul>{missing}</ul>")
    else:
        number = len(report.causes)
        parts.append(f"<h2>{number} cause{'' if number == 1 else 's'}</h2>")
    effects: dict[str, list[Finding]] = {}
    for finding in report.findings:
        for origin in finding.caused_by:
            effects.setdefault(origin.id, []).append(finding)
    shown: set[str] = set()
    for cause in report.causes:
        parts.append(_chain(cause, effects, shown, opened=True))
    rest = [finding for finding in report.findings if finding.id not in shown]
    if rest:
        parts.append("<h2>Also found</h2>")
        parts += [_chain(finding, {}, shown, opened=False) for finding in rest]
    parts.append(_footer(report))
    return f'<div class="defib">{"".join(parts)}</div>'


def _chain(
    finding: Finding, effects: dict[str, list[Finding]], shown: set[str], *, opened: bool
) -> str:
    shown.add(finding.id)
    led_to = [effect for effect in effects.get(finding.id, ()) if effect.id not in shown]
    inner = "".join(
        _chain(effect, effects, shown, opened=False) for effect in led_to if effect.id not in shown
    )
    remedy = f"<p><b>Remedy</b> {escape(finding.remedy)}</p>" if finding.remedy else ""
    return (
        f'<details class="{escape(finding.severity)}"{" open" if opened else ""}>'
        f"<summary><b>{escape(finding.title)}</b> <code>{_places(finding)}</code> "
        f'<span class="quiet">{escape(finding.severity)} · {escape(finding.rule)}</span></summary>'
        f"<p>{escape(finding.message)}</p>{_evidence(finding)}{remedy}"
        + (f'<p class="quiet">which led to</p>{inner}' if inner else "")
        + "</details>"
    )


def _places(finding: Finding) -> str:
    named = ", ".join(map(str, finding.places[:8] or (finding.place,)))
    return escape(named + (", …" if len(finding.places) > 8 else ""))


def _evidence(finding: Finding) -> str:
    rows = []
    for name, value in finding.evidence.items():
        bound = finding.evidence.threshold(name)
        against = "" if bound is None else f"threshold {_number(bound)}"
        unit = escape(finding.evidence.unit(name))
        rows.append(
            f"<tr><th>{escape(name.replace('_', ' '))}</th><td>{_number(value)} {unit}</td>"
            f'<td class="quiet">{against}</td></tr>'
        )
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _number(value: Any) -> str:
    if isinstance(value, float):
        return escape(f"{value:.6g}")
    if isinstance(value, (list, tuple)):
        return ", ".join(_number(item) for item in value)
    return escape(str(value))


def _footer(report: Report) -> str:
    facts = ", ".join(f"{escape(str(k))} {_number(v)}" for k, v in report.run.items())
    skipped = "".join(
        f"<li><code>{escape(rule)}</code>: {escape(reason)}</li>"
        for rule, reason in report.not_checked.items()
    )
    if skipped:
        skipped = (
            f'<details class="quiet"><summary>{len(report.not_checked)} rules not checked'
            f"</summary><ul>{skipped}</ul></details>"
        )
    return f'{skipped}<p class="quiet">{len(report.checked)} rules checked. {facts}</p>'
