#!/usr/bin/env python3
"""Build the documentation as a site: site.py [FOLDER], by default .site.

FOLDER/pages gets the pages in the places that they have in the repository, so that the links
between them hold, and FOLDER/html the site. Broken links and anchors end it with status 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: pages, and the files that pages link to
PAGES = (
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "Makefile",
    "docs/**/*", "examples/*.md", "examples/*/*", "Sources/CEngine/include/defib.h",
    "python/README.md",
)  # fmt: skip


def gather(pages: Path) -> None:
    """Copy the pages into a folder of their own."""
    shutil.rmtree(pages, ignore_errors=True)
    for pattern in PAGES:
        for file in ROOT.glob(pattern):
            place = pages / file.relative_to(ROOT)
            if file.is_file() and "runs" not in place.parts and "__pycache__" not in place.parts:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place)
    for page in pages.rglob("*.md"):
        page.write_text(for_the_site(page.read_text(encoding="utf-8")), encoding="utf-8")


def for_the_site(text: str) -> str:
    """Give links to folders the page that a repository shows for them."""
    for folder in ("examples", "docs/rules"):
        for start in ("](", "](../"):
            text = text.replace(f"{start}{folder})", f"{start}{folder}/README.md)")
    return text


def main() -> int:
    """Gather the pages and run MkDocs over them; return its status."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".site").resolve()
    gather(folder / "pages")
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for name, key in (("pages", "docs_dir"), ("html", "site_dir")):
        settings = settings.replace(f"{key}: .site/{name}", f"{key}: {folder / name}")
    settings = settings.replace("paths: [python/src]", f"paths: [{ROOT / 'python' / 'src'}]")
    (folder / "mkdocs.yml").write_text(settings, encoding="utf-8")
    # A notice of the theme about its successor is no warning of ours.
    settled = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean"]
    command += ["-f", str(folder / "mkdocs.yml")]
    # Not --quiet, which keeps --strict from seeing the warnings that it is to count.
    done = subprocess.run(command, check=False, env=settled, capture_output=True, text=True)
    told = [line for line in done.stderr.splitlines() if not line.startswith("INFO")]
    print("\n".join(told).strip(), file=sys.stderr, end="\n" if told else "")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
