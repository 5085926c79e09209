"""Draws pages in a headless browser, and measures where things are."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

#: The browser; None where it is not installed.
BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")

_PROBE = """
<!DOCTYPE html><meta charset="utf-8"><style>
body{margin:0}iframe{border:0;width:WIDTHpx;height:900px}</style>
<iframe srcdoc="PAGE"></iframe><pre id="facts"></pre><script>
addEventListener("load", () => {
  const frame = document.querySelector("iframe"), page = frame.contentDocument
  const view = frame.contentWindow
  const inside = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1
    && a.bottom <= b.bottom + 1
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4
  const facts = {
    width: page.documentElement.scrollWidth, height: page.documentElement.scrollHeight,
    figures: page.querySelectorAll("figure").length, clipped: [], overlaps: [], wide: [], faint: [],
    ground: view.getComputedStyle(page.querySelector(".defib")).backgroundColor,
    requests: view.performance.getEntriesByType("resource").length,
  }
  for (const image of page.querySelectorAll("figure > svg")) {
    const box = image.getBoundingClientRect()
    const texts = [...image.querySelectorAll("text")]
      .map(t => [t.textContent, t.getBoundingClientRect()])
    for (const [text, at] of texts) if (!inside(at, box)) facts.clipped.push(text)
    texts.forEach(([text, at], i) => texts.slice(i + 1).forEach(([other, there]) => {
      if (meet(at, there)) facts.overlaps.push(text + " | " + other)
    }))
  }
  const shown = [...page.querySelectorAll(".defib *")].filter(e => e.checkVisibility())
  for (const e of shown) {
    const box = e.getBoundingClientRect()
    if (!e.closest(".scroll") && box.right > facts.width + 1) facts.wide.push(e.tagName)
  }
  document.getElementById("facts").textContent = JSON.stringify(facts)
})
</script>
"""


def _run(arguments: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    assert BROWSER is not None
    command = [BROWSER, "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += ["--enable-logging=stderr", "--log-level=0", f"--user-data-dir={home}"]
    return subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "HOME": str(home)},
    )


def _scheme(dark: bool) -> str:
    return f"--blink-settings=preferredColorScheme={0 if dark else 1}"


def complaints(log: str) -> list[str]:
    """Return what the page wrote to its console."""
    return [line for line in log.splitlines() if ":CONSOLE" in line]


def facts(page: str, folder: Path, *, width: int, dark: bool = False) -> dict[str, Any]:
    """Lay a page out at a width and return where things are."""
    probe = folder / f"probe-{width}-{dark}.html"
    text = _PROBE.replace("WIDTH", str(width)).replace("PAGE", html.escape(page))
    probe.write_text(text, encoding="utf-8")
    done = _run(
        ["--dump-dom", f"--window-size={max(width, 500)},1000", _scheme(dark), probe.as_uri()],
        folder,
    )
    found = re.search(r'<pre id="facts">(.+?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr
    return {**json.loads(html.unescape(found.group(1))), "complaints": complaints(done.stderr)}


def picture(page: Path, target: Path, *, width: int, height: int, dark: bool = False) -> Path:
    """Write what a page looks like as PNG."""
    _run(
        [f"--window-size={width},{height}", _scheme(dark), f"--screenshot={target}", page.as_uri()],
        page.parent,
    )
    return target


def first_pixel(png: bytes) -> tuple[int, ...]:
    """Return the upper left pixel of a PNG, which no filter of the format changes."""
    start = png.index(b"IDAT") + 4
    length = int.from_bytes(png[start - 8 : start - 4], "big")
    row = zlib.decompressobj().decompress(png[start : start + length], 4)
    return tuple(row[1:4])


def printed(page: Path, target: Path) -> bytes:
    """Return a page as it is printed, as PDF."""
    _run(["--no-pdf-header-footer", f"--print-to-pdf={target}", page.as_uri()], page.parent)
    return target.read_bytes()


def requests(page: Path, folder: Path) -> set[str]:
    """Return every address that is asked for while a page is opened."""
    log = folder / "net.json"
    _run([f"--log-net-log={log}", "--dump-dom", page.as_uri()], folder)
    text = log.read_text(encoding="utf-8", errors="replace")
    return set(re.findall(r'"url":"([^"]+)"', text))
