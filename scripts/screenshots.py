#!/usr/bin/env python3
"""Draws the HTML report of runs in light, in dark, on a phone and on paper, to be looked at.

    scripts/screenshots.py FOLDER RUN...

writes NAME-light.png, NAME-dark.png, NAME-phone.png and NAME.pdf for each run into the folder.
"""

import importlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "python" / "tests"))

browser: Any = importlib.import_module("browser")

#: Width and scheme of each picture.
LOOKS = {"light": (1000, False), "dark": (1000, True), "phone": (375, False)}


def draw(run: Path, folder: Path) -> None:
    """Write all looks of one run's report."""
    # The browser leaves its profile beside the page.
    aside = Path(tempfile.mkdtemp())
    page = aside / f"{run.name}.html"
    command = [str(ROOT / "bin" / "defib"), "check", str(run), "--fail-on", "never"]
    subprocess.run([*command, "--format", "html", "--output", str(page)], check=True)
    text = page.read_text(encoding="utf-8")
    for look, (width, dark) in LOOKS.items():
        height = browser.facts(text, aside, width=width)["height"]
        target = folder / f"{run.name}-{look}.png"
        browser.picture(page, target, width=width, height=height, dark=dark)
    browser.printed(page, folder / f"{run.name}.pdf")
    shutil.rmtree(aside)


def main() -> int:
    """Draw what the arguments name."""
    if len(sys.argv) < 3 or browser.BROWSER is None:
        print(__doc__ if browser.BROWSER else "screenshots: chromium is missing", file=sys.stderr)
        return 64
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for run in sys.argv[2:]:
        draw(Path(run).resolve(), folder.resolve())
    print(f"Pictures in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
