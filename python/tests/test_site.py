"""The documentation as a site: it builds, its links hold, and it asks no other server."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import defib

ROOT = Path(__file__).resolve().parents[2]

pytest.importorskip("mkdocs")
pytest.importorskip("material")
pytest.importorskip("mkdocstrings_handlers.python")


def build(root, folder):
    script = root / "scripts" / "site.py"
    return subprocess.run([sys.executable, script, folder], capture_output=True, text=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder / "html"


def test_every_page_of_the_repository_is_there(site):
    for name in ("index.html", "docs/tutorial.html", "docs/rules/dead-units.html",
                 "examples/use/README.html", "CONTRIBUTING.html"):  # fmt: skip
        held = site / name if (site / name).exists() else (site / name).with_name("index.html")
        assert "Defib" in held.read_text()
    assert len(list((site / "docs" / "rules").glob("*.html"))) >= len(defib.rules())


def test_pages_ask_no_other_server(site):
    for page in site.rglob("*.html"):
        text = page.read_text()
        loaded = re.findall(r'<(?:script|img|iframe)[^>]* src="([^"]+)"', text)
        loaded += re.findall(
            r'<link[^>]* rel="(?:stylesheet|preconnect|icon)"[^>]* href="([^"]+)"', text
        )
        assert not [link for link in loaded if "://" in link], page


def test_the_reference_has_every_public_name(site):
    text = (site / "docs" / "api.html").read_text()
    public = set(defib.__all__) - {"__version__"}
    assert public <= set(re.findall(r'id="defib\.(\w+)"', text))
    assert "Find out what is wrong with a run, and why." in text


def test_a_broken_link_and_a_broken_anchor_end_it(tmp_path):
    for name in ("scripts/site.py", "mkdocs.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    settings = (tmp_path / "mkdocs.yml").read_text().split("\nnav:")[0]
    (tmp_path / "mkdocs.yml").write_text(settings)
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    for link, status in (("page.md#one", 0), ("page.md#two", 1), ("other.md", 1)):
        page.write_text(f"# One\n\n[link]({link})\n")
        assert build(tmp_path, tmp_path / "site").returncode == status, link
