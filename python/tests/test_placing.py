"""Exports that are killed or that run at once, and readers that look at any time."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import defib
from defib.exporters import placing

SOURCES = str(Path(__file__).parents[1] / "src")

#: Exports a run whose every value is its number, so that a mixture of two shows.
WRITER = """
import os, signal, sys
sys.path.insert(0, {sources!r})
import numpy as np
import defib
from defib.exporters import placing

def export(path, number):
    w = np.full((2, 1), number, np.float32)
    x = np.full((64, 2), number, np.float32)
    defib.export(path, defib.Sequential(defib.Dense(w, name="fc")), x, loss=None, epochs=number + 1)
"""

#: Dies before the call of the operating system whose number is given.
DYING = (
    WRITER
    + """
path, last = sys.argv[1], int(sys.argv[2])
if sys.argv[3:] == ["plain"]:
    placing._renameat2 = lambda: None
calls = 0
def counted(event, arguments):
    global calls
    events = "os.mkdir os.rename os.rmdir os.remove os.scandir open shutil.rmtree".split()
    if event in events and os.path.dirname(path) in str(arguments):
        die()
    elif event in ("fcntl.flock", "test.exchange"):
        die()
def die():
    global calls
    calls += 1
    if calls > last:
        os.kill(os.getpid(), signal.SIGKILL)
real = placing._exchange
def exchange(new, target):
    sys.audit("test.exchange")
    real(new, target)
    sys.audit("test.exchange")
placing._exchange = exchange
sys.addaudithook(counted)
export(path, 2)
"""
)


def run(code, *arguments):
    code = code.replace("{sources!r}", repr(SOURCES))
    return [sys.executable, "-c", code, *map(str, arguments)]


def export(path, number):
    w, x = np.full((2, 1), number, np.float32), np.full((64, 2), number, np.float32)
    defib.export(path, defib.Sequential(defib.Dense(w, name="fc")), x, epochs=number + 1)


def number_of(path):
    """Return the number of a run, and check that all parts of it have the same."""
    epochs = defib.Run(path).to_dict()["training"]["epochs"]
    found = {int(v) for f in path.rglob("*.npy") for v in np.unique(np.load(f))}
    assert found == {epochs - 1}
    return epochs - 1


@pytest.mark.parametrize("way", ["exchange", "plain"])
def test_killed_at_any_moment_leaves_the_old_run_or_the_new_one(way, tmp_path):
    target = tmp_path / "run"
    seen, missing = set(), 0
    for last in range(200):
        export(target, 1)
        assert os.listdir(tmp_path) == ["run"]
        ended = subprocess.run(
            run(DYING, target, last, *(["plain"] if way == "plain" else [])),
            check=False, capture_output=True, timeout=120,
        )  # fmt: skip
        if target.exists():
            seen.add(number_of(target))
        else:
            missing += 1
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert last > 10
    assert seen == {1, 2}
    # Without the exchange there is one moment with neither, and the old run comes back after it.
    assert missing == (way == "plain")


def test_what_a_killed_export_moved_away_comes_back(tmp_path):
    target = tmp_path / "run"
    export(target, 1)
    target.rename(tmp_path / ".run.0123456789ab.old")
    with pytest.raises(defib.ExportError, match="already holds a run"):
        defib.export(
            target, defib.Sequential(defib.Dense(np.ones((2, 1)))), np.ones((3, 2)), overwrite=False
        )
    assert number_of(target) == 1
    assert os.listdir(tmp_path) == ["run"]


def test_only_what_is_surely_left_behind_is_removed(tmp_path):
    target = tmp_path / "run"
    kept = [".run.0123456789ab.partial", ".run.xyz.partial", ".other.0123456789ab.partial", ".run"]
    for name in kept:
        (tmp_path / name).mkdir()
    (tmp_path / kept[0] / "thesis.txt").write_text("…")
    left = tmp_path / ".run.aaaaaaaaaaaa.partial"
    (left / "weights").mkdir(parents=True)
    living = placing.Partial(target)
    export(target, 1)
    assert not left.exists()
    assert sorted(os.listdir(tmp_path)) == sorted([*kept, living.path.name, "run"])
    living.remove()
    assert sorted(os.listdir(tmp_path)) == sorted([*kept, "run"])


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSYS, None])
def test_file_systems_that_exchange_nothing(code, tmp_path, monkeypatch):
    def refuse(*_):
        placing.ctypes.set_errno(code)
        return -1

    monkeypatch.setattr(placing, "_renameat2", lambda: refuse if code else None)
    target = tmp_path / "run"
    for number in (1, 2, 3):
        export(target, number)
        assert number_of(target) == number
        assert os.listdir(tmp_path) == ["run"]


def test_an_exchange_that_fails_leaves_the_old_run(tmp_path, monkeypatch):
    def refuse(*_):
        placing.ctypes.set_errno(errno.EIO)
        return -1

    target = tmp_path / "run"
    export(target, 1)
    monkeypatch.setattr(placing, "_renameat2", lambda: refuse)
    with pytest.raises(defib.ExportError, match="Input/output error"):
        export(target, 2)
    assert number_of(target) == 1
    assert os.listdir(tmp_path) == ["run"]


def test_file_systems_without_locks(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(placing.fcntl, "flock", refuse)
    stale = tmp_path / ".run.aaaaaaaaaaaa.partial"
    stale.mkdir()
    for number in (1, 2):
        export(tmp_path / "run", number)
    assert number_of(tmp_path / "run") == 2
    assert stale.exists()  # nobody can tell whether its writer lives


def test_links_are_followed(tmp_path):
    export(tmp_path / "real" / "run", 1)
    (tmp_path / "link").symlink_to(tmp_path / "real" / "run")
    export(tmp_path / "link", 2)
    assert (tmp_path / "link").is_symlink()
    assert number_of(tmp_path / "real" / "run") == 2
    assert os.listdir(tmp_path / "real") == ["run"]


@pytest.mark.engine
@pytest.mark.parametrize("writers", [2, 4])
def test_exports_to_one_folder_and_a_reader_that_sees_one_run(writers, tmp_path):
    target = tmp_path / "run"
    export(target, 1)
    loop = WRITER + "for _ in range(25): export(sys.argv[1], int(sys.argv[2]))\n"
    started = [
        subprocess.Popen(run(loop, target, number), stderr=subprocess.PIPE)
        for number in range(1, writers + 1)
    ]
    seen = set()
    try:
        while any(process.poll() is None for process in started):
            outputs = defib.replay(target).outputs
            (output,) = outputs.values()
            (value,) = np.unique(output)  # 2 w x, of one run alone
            number = round((value / 2) ** 0.5)
            assert value == 2 * number**2
            seen.add(number)
    finally:
        errors = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0] * writers, errors
    assert seen <= set(range(1, writers + 1))
    assert len(seen) > 1
    assert os.listdir(tmp_path) == ["run"]
