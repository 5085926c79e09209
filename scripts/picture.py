#!/usr/bin/env python3
"""Draw docs/report.svg, the chain of findings in the report that README.md shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: pixels: a line of text, a box, what is between boxes, and a step to the right
LINE, BOX, GAP, STEP, WIDTH = 18, 46, 12, 34, 760

STYLE = """
text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2937 }
.place { fill: #4b5563; font-size: 13px } .box { fill: #f9fafb; stroke: #d1d5db }
.page { fill: #ffffff } .way { stroke: #9ca3af; fill: none; stroke-width: 1.5 }
.title { font-weight: 600 }
.error { fill: #b91c1c } .warning { fill: #b45309 } .note { fill: #1d4ed8 }
@media (prefers-color-scheme: dark) {
text { fill: #e5e7eb } .place { fill: #9ca3af } .box { fill: #1f2937; stroke: #374151 }
.page { fill: #0d1117 } .way { stroke: #6b7280 }
.error { fill: #f87171 } .warning { fill: #fbbf24 } .note { fill: #60a5fa } }
"""


@dataclass(frozen=True)
class Entry:
    """A finding, and how deep it stands beneath its cause."""

    depth: int
    severity: str
    place: str
    title: str
    rule: str


def entries(report: str) -> list[Entry]:
    """Read the findings off a report as text.

    Raises:
        ValueError: there are none.
    """
    pattern = (
        r"^( *)(?:\d+\.|→ explains:) (error|warning|note) at (.+?):\s+([A-Z][^[]+?)\s+\[([a-z-]+)\]"
    )
    found = list(re.finditer(pattern, report, re.MULTILINE | re.DOTALL))
    if not found:
        raise ValueError("the report names no finding in the form that is known here")
    depths = sorted({len(match[1]) for match in found})
    return [
        Entry(depths.index(len(match[1])), *(" ".join(part.split()) for part in match.groups()[1:]))
        for match in found
    ]


def drawn(found: list[Entry]) -> str:
    """Return the picture."""
    height = len(found) * (BOX + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>A cause, and the findings that follow from it</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
    ]
    above: dict[int, int] = {}
    for row, entry in enumerate(found):
        left, top = GAP + entry.depth * STEP, GAP + row * (BOX + GAP)
        if entry.depth:
            x, y = left - STEP // 2, above[entry.depth - 1] + BOX
            parts.append(f'<path class="way" d="M{x} {y}V{top + BOX // 2}H{left}"/>')
        above[entry.depth] = top
        right = WIDTH - GAP - left
        parts += [
            f'<rect class="box" x="{left}" y="{top}" width="{right}" height="{BOX}" rx="6"/>',
            f'<rect class="{entry.severity}" x="{left}" y="{top}" width="4" height="{BOX}"/>',
            f'<text class="title" x="{left + 14}" y="{top + 19}">{escape(entry.title)}</text>',
            f'<text class="place" x="{left + 14}" y="{top + 19 + LINE}">'
            f"{escape(entry.severity)} at {escape(entry.place)} · {entry.rule}</text>",
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def picture() -> str:
    """Return the picture of the report in README.md."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("<!-- demo output -->")[1]
    return drawn(entries(block))


if __name__ == "__main__":
    (ROOT / "docs" / "report.svg").write_text(picture(), encoding="utf-8")
