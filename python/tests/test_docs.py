"""What the pages show is true: snippets run, files have the shown keys, links lead somewhere."""

import json
import os
import re
import runpy
import subprocess
import sys
import warnings
from pathlib import Path

import docs_readers as readers
import numpy as np
import pytest

import defib

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
PAGES += [ROOT / "SECURITY.md", ROOT / "python" / "README.md"]
PAGES += [*sorted((ROOT / "docs").glob("*.md")), ROOT / "docs" / "agents" / "SKILL.md"]

FRAMEWORKS = ["torch", "keras", "sklearn", "lightning", "transformers", "skorch", "accelerate"]

#: Page -> what its reader has, and the modules without which it is skipped.
RUN = {
    "README.md": (readers.with_every_framework, FRAMEWORKS),
    "python/README.md": (readers.with_torch, ["torch"]),
    "docs/agents/SKILL.md": (readers.with_torch_and_a_run, ["torch"]),
    "docs/quickstart.md": (readers.with_torch, ["torch"]),
    "docs/tutorial.md": (readers.with_one_thread, ["torch"]),
    "docs/python.md": (readers.with_torch_and_a_run, ["torch"]),
    "docs/integrations.md": (readers.with_trainers, [*FRAMEWORKS, "matplotlib"]),
    "docs/python-keras.md": (readers.with_keras, ["keras"]),
    "docs/python-onnx.md": (readers.with_onnx, ["onnx"]),
    "docs/python-sklearn.md": (readers.with_sklearn, ["sklearn"]),
    "docs/scale.md": (readers.with_a_run, ["dask.distributed"]),
    "docs/cli.md": (readers.with_a_run, []),
}

#: Commands of these build or test the repository, or write to its sources.
NOT_RUN = ("make", "swift", "pip")


def blocks(page):
    """Yield the line, the language and the text of every fenced block."""
    language, held, start = None, [], 0
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if language is None and line.startswith("```"):
            language, held, start = line[3:], [], number
        elif line == "```":
            yield start, language, "\n".join(held) + "\n"
            language = None
        elif language is not None:
            held.append(line)


def block(name, language):
    """Return the only block of a language on a page."""
    (text,) = [text for _, found, text in blocks(ROOT / name) if found == language]
    return text


def relative(page):
    return str(page.relative_to(ROOT))


def run_commands(text):
    """Run what follows a `$`: a check may find faults, all else succeeds."""
    for line in text.splitlines():
        command = line.removeprefix("$ ")
        if command == line or command.split()[0] in NOT_RUN:
            continue
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
        finds = command.split()[0].endswith("defib") and done.returncode == 1 and not done.stderr
        assert done.returncode == 0 or finds, (command, done.stdout, done.stderr)


def test_every_page_with_snippets_is_run():
    shown = {
        relative(page) for page in PAGES
        for _, language, text in blocks(page)
        if language == "python"
        or (language == "console" and any(not c.startswith(NOT_RUN) for c in commands(text)))
    }  # fmt: skip
    assert shown == {*RUN, "docs/c-abi.md"}


def commands(text):
    return [line[2:] for line in text.splitlines() if line.startswith("$ ")]


@pytest.mark.engine
@pytest.mark.parametrize("name", RUN)
def test_snippets_run_from_top_to_bottom(name, tmp_path, monkeypatch, capsys):
    reader, needed = RUN[name]
    for module in needed:
        pytest.importorskip(module)
    for folder in ("bin", "Sources"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{ROOT / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("PWD", str(tmp_path))
    if "dask.distributed" in needed:
        cluster = ClusterAtHand()
        monkeypatch.setattr("dask.distributed.Client", cluster.client)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names, printed = reader(), ""
        for line, language, text in blocks(ROOT / name):
            if language == "python":
                code = "\n" * line + text
                exec(compile(code, ROOT / name, "exec"), names)
                printed = capsys.readouterr().out or printed
            elif language == "output":
                assert all(part in printed for part in text.split("[...]\n")), (line, printed)
            elif language == "toml":
                Path("runs/defib.toml").write_text(text)
            elif language == "console":
                run_commands(text)


class ClusterAtHand:
    """Stands for the cluster of a page: a client of threads, whatever address it is given."""

    def client(self, address):
        from distributed import Client

        assert address.startswith("tcp://")
        return Client(processes=False, dashboard_address=None, n_workers=1)


@pytest.mark.engine
def test_the_example_in_c_prints_a_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    readers.with_a_run()
    for folder in ("bin", "Sources"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    Path("example.c").write_text(block("docs/c-abi.md", "c"))
    (command,) = commands(block("docs/c-abi.md", "console"))
    subprocess.run(command, shell=True, check=True, env={**os.environ, "PWD": str(tmp_path)})
    printed = subprocess.run(["./example"], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == str(defib.check("runs/a")).strip()


def shape(value):
    """Return the keys of a JSON value, all the way down; of a list, those of its items together."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        shapes = [shape(item) for item in value]
        return [max(shapes, key=lambda found: len(str(found)))] if shapes else []
    return None


@pytest.mark.engine
def test_the_shown_vitals_have_the_keys_of_vitals(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    readers.with_a_run()
    shown = json.loads(block("docs/vitals-format.md", "json"))
    assert shape(shown) == shape(defib.vitals("runs/a").to_dict())


@pytest.mark.engine
def test_the_shown_report_has_the_keys_of_a_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    readers.with_a_run()
    shown = json.loads(block("docs/report-format.md", "json"))
    report = defib.check("runs/a").to_dict()
    assert report["findings"]
    assert shown.keys() == report.keys()
    for finding in report["findings"]:
        assert shown["findings"][0].keys() == finding.keys()
        assert shown["findings"][0]["place"].keys() == finding["place"].keys()
        for item in finding["evidence"]:
            assert shown["findings"][0]["evidence"][0].keys() == item.keys()
    assert shown["not_checked"][0].keys() == report["not_checked"][0].keys()


@pytest.mark.engine
def test_the_page_for_agents_names_keys_of_a_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    readers.with_a_run()
    content = defib.check("runs/a", cure=True).to_dict()
    content["loop"] = content["loop"] or {"explained_by": ""}
    page = (ROOT / "docs" / "agents" / "SKILL.md").read_text()
    cells = re.findall(r"^\| (`.*?`) \|", page, re.MULTILINE)
    named = [key for cell in cells for key in re.findall(r"`([\w.\[\]]+)`", cell)]
    assert len(named) >= 10
    for key in named:
        found = [content]
        for part in key.split("."):
            name = part.removesuffix("[]")
            assert all(name in each for each in found), key
            found = [each[name] for each in found]
            if part != name:
                found = [item for each in found for item in each]
    rules = {rule.id for rule in defib.rules()}
    assert (
        set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", page)) - {"could-not-tell", "other-loop"} <= rules
    )


def test_the_shown_run_fits_the_schema():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs" / "run.schema.json").read_text())
    shown = json.loads(block("docs/run-format.md", "json"))
    jsonschema.Draft202012Validator(schema).validate(shown)


@pytest.mark.engine
def test_every_option_that_is_named_exists():
    rules = [rule.to_dict() for rule in defib.rules()]
    options = {rule["id"]: {each["name"] for each in rule["thresholds"]} for rule in rules}
    sources = [*PAGES, *(ROOT / "docs" / "rules").glob("*.md")]
    sources += (ROOT / "python" / "src").rglob("*.py")
    sources += (ROOT / "Sources" / "DefibCommands").glob("*.swift")
    seen = 0
    for page in sources:
        for rule, option in re.findall(r"\b([a-z]+(?:-[a-z]+)+)\.([a-z-]+)", page.read_text()):
            if rule in options and option not in ("md", "npy"):
                assert option in options[rule], f"{relative(page)}: {rule}.{option}"
                seen += 1
    assert seen >= 3


def anchors(page):
    """Return the anchors of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_to_files_and_headings(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def test_the_changelog_has_one_unreleased_head():
    heads = re.findall(r"^## .*$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert [head for head in heads if "unreleased" in head.lower()] == ["## [Unreleased]"]


def test_the_readme_opens_with_a_part_of_the_report_below():
    whole = block("README.md", "text")
    parts = block("README.md", "report").split("   [...]\n")
    assert len(parts) == 2
    assert all(part in whole for part in parts)
    assert len(block("README.md", "report").splitlines()) <= 8


def test_the_readme_opens_with_three_lines_of_python():
    (first, *_) = [text for _, found, text in blocks(ROOT / "README.md") if found == "python"]
    assert len([line for line in first.splitlines() if line]) == 3


def test_the_picture_shows_the_report_of_the_readme():
    path = ROOT / "scripts" / "picture.py"
    names = runpy.run_path(str(path))
    assert (ROOT / "docs" / "report.svg").read_text() == names["picture"](), (
        "run scripts/picture.py"
    )
    rules = [entry.rule for entry in names["entries"](block("README.md", "text"))]
    assert rules[0] in block("README.md", "report")
    assert len(rules) == len(set(rules)) > 4


@pytest.mark.engine
def test_the_readme_shows_what_the_demo_prints(tmp_path):
    shown = block("README.md", "text")
    if f"numpy {np.__version__}" not in shown:
        pytest.skip("the demo runs under the NumPy that the page names")
    script = ROOT / "examples" / "numpy-dead-layer" / "train.py"
    subprocess.run([sys.executable, script, tmp_path / "run"], check=True, capture_output=True)
    assert shown.strip() == str(defib.check(tmp_path / "run")).strip()
