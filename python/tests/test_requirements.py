"""The pinned requirements: all by hash, nothing of one machine, the same in both files."""

import re
from pathlib import Path

HERE = Path(__file__).parents[1]


def blocks(name):
    """Return what a file pins: name and version -> hashes."""
    text = (HERE / name).read_text()
    lines = re.sub(r"#.*", "", text).replace("\\\n", " ").splitlines()
    found = {}
    for words in (line.split() for line in lines if line.strip()):
        found[words[0]] = set(words[1:])
    return found


def test_every_requirement_is_pinned_by_hash():
    pinned = blocks("requirements-test.txt")
    assert len(pinned) > 30
    for name, hashes in pinned.items():
        assert re.fullmatch(r"[\w.-]+==[\w.]+", name), name
        assert hashes, name
        assert all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", text) for text in hashes), name
    assert "://" not in (HERE / "requirements-test.txt").read_text()


def test_what_is_asked_for_is_pinned():
    wanted = blocks("requirements-test.in")
    pinned = {name.partition("==")[0] for name in blocks("requirements-test.txt")}
    assert {re.split("[=><]", name)[0] for name in wanted} <= pinned
    exact = {name for name in wanted if "==" in name}
    assert exact <= set(blocks("requirements-test.txt"))


def test_both_files_pin_the_same():
    every = blocks("requirements-test.txt")
    few = blocks("requirements-debian.txt")
    assert {"pytest", "hypothesis"} <= {name.partition("==")[0] for name in few}
    assert all(every[name] == hashes for name, hashes in few.items())
