"""The pinned requirements: all by hash, nothing of one machine, the same in all files."""

import importlib.util
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]


def script(name):
    """Import a script, which is part of no package."""
    spec = importlib.util.spec_from_file_location(name, HERE.parent / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(name):
    """Return what a file pins: name and version -> hashes."""
    text = (HERE / name).read_text()
    lines = re.sub(r"#.*", "", text).replace("\\\n", " ").splitlines()
    found = {}
    for words in (line.split() for line in lines if line.strip()):
        found[words[0]] = set(words[1:])
    return found


@pytest.mark.parametrize("kind", ["test", "release"])
def test_every_requirement_is_pinned_by_hash(kind):
    pinned = blocks(f"requirements-{kind}.txt")
    assert len(pinned) > 30
    for name, hashes in pinned.items():
        assert re.fullmatch(r"[\w.-]+==[\w.]+", name), name
        assert hashes, name
        assert all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", text) for text in hashes), name
    assert "://" not in (HERE / f"requirements-{kind}.txt").read_text()


@pytest.mark.parametrize("kind", ["test", "release"])
def test_what_is_asked_for_is_pinned(kind):
    wanted = blocks(f"requirements-{kind}.in")
    pinned = {name.partition("==")[0] for name in blocks(f"requirements-{kind}.txt")}
    assert {re.split("[=><]", name)[0] for name in wanted} <= pinned
    exact = {name for name in wanted if "==" in name}
    assert exact <= set(blocks(f"requirements-{kind}.txt"))


def test_both_files_pin_the_same():
    every = blocks("requirements-test.txt")
    few = blocks("requirements-debian.txt")
    assert {"pytest", "hypothesis"} <= {name.partition("==")[0] for name in few}
    assert all(every[name] == hashes for name, hashes in few.items())


def test_the_short_file_follows_from_the_long_one():
    few = script("pin_requirements").few((HERE / "requirements-test.txt").read_text())
    assert few == (HERE / "requirements-debian.txt").read_text()


def test_local_parts_of_versions_are_left_out():
    pins = script("pin_requirements")
    text = "# Written by somebody\ntorch==2.13.0+cpu \\\n    --hash=sha256:00\nb==1.0 \\\n"
    assert pins.kept(text, "# head\n") == (
        "# head\ntorch==2.13.0 \\\n    --hash=sha256:00\nb==1.0 \\\n"
    )


def test_installs_of_the_scripts_are_by_hash():
    lines = (HERE.parent / "scripts" / "make-venv").read_text().splitlines()
    installs = [line for line in lines if re.match(r" +install ", line)]
    # A user's own environment takes whatever NumPy it finds.
    assert [line.strip() for line in installs if "--require-hashes" not in line] == [
        "install .venv 'numpy>=1.24'"
    ]
    assert len(installs) == 5


@pytest.mark.parametrize(
    ("packages", "status", "text"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0, "1 of 1 packages looked up"),
        ([{"name": "a", "skip_reason": "not found"}], 2, "not known of: a"),
        ([], 2, "not known of: anything"),
        (
            [
                {"name": "a", "skip_reason": "not found"},
                {"name": "b", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]},
            ],
            1, "b 1: X-1, mended in 2",
        ),
    ],
)  # fmt: skip
def test_an_audit_that_looked_nothing_up_is_not_clean(packages, status, text):
    told, found = script("audit").verdict("some.txt", packages)
    assert found == status
    assert text in told
