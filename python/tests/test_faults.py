"""What is on the disk after a fault: the old or the new, and nothing else."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import defib
from defib import _files
from defib.exporters import placing

HERE = Path(__file__).parents[1]


def _child(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True,
        check=False, env={**os.environ, "PYTHONPATH": str(HERE / "src")},
    )  # fmt: skip


@pytest.mark.engine
def test_a_few_of_every_fault_lose_and_leave_nothing() -> None:
    """`make faults` does many."""
    few = ["--moments", "2", "--disks", "2", "--workers", "1", "--no-dask"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults", *few], capture_output=True, text=True,
        check=False, cwd=HERE.parent, env={**os.environ, "PYTHONPATH": str(HERE / "src")},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "0 faults"
    assert "export: killed at 2 moments" in done.stdout


def test_a_writer_that_is_killed_leaves_the_old_text_and_its_file_goes_with_the_next(
    tmp_path: Path,
) -> None:
    page = tmp_path / "page.html"
    page.write_text("old")
    killed = _child(
        "import os, sys; from defib import _files\n"
        "os.replace = lambda *_: os.kill(os.getpid(), 9)\n"
        "_files.write_text(sys.argv[1], 'new')",
        page,
    )
    assert killed.returncode == -signal.SIGKILL
    assert page.read_text() == "old"
    assert len(os.listdir(tmp_path)) == 2
    _files.write_text(page, "newer")
    assert page.read_text() == "newer"
    assert os.listdir(tmp_path) == ["page.html"]


def test_files_of_writers_that_live_and_of_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    kept = ["page.html.12.partial", "page.html.1-2.partial.txt", "page.htmlx1-2.partial"]
    for name in kept:
        (tmp_path / name).write_text("kept")
    (tmp_path / "page.html.1-3.partial").mkdir()
    (tmp_path / "page.html.1-4.partial").symlink_to(tmp_path / kept[0])
    with _files._beside(str(page)) as (_, partial):
        _files.write_text(page, "new")
        assert os.path.exists(partial)
        os.unlink(partial)
    assert sorted(os.listdir(tmp_path)) == sorted(
        [*kept, "page.html", "page.html.1-3.partial", "page.html.1-4.partial"]
    )


def test_a_number_that_a_dead_process_had_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container, a program has the same number every time."""
    page = tmp_path / "page.html"
    monkeypatch.setattr(_files, "_counter", iter(range(1, 10)))
    (tmp_path / f"page.html.{os.getpid()}-1.partial").write_text("half of it")
    _files.write_text(page, "new")
    assert os.listdir(tmp_path) == ["page.html"]


def test_what_a_replaced_run_held_besides_goes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = defib.Sequential(defib.Dense(np.ones((2, 1)), [0.5]))
    run = tmp_path / "run"
    defib.export(run, model, np.ones((3, 2)))
    (run / "report.json").write_text("{}")
    # As if it were killed right after the exchange.
    monkeypatch.setattr(placing, "_remove", lambda _: None)
    defib.export(run, model, np.zeros((3, 2)))
    assert len(os.listdir(tmp_path)) == 2
    monkeypatch.undo()
    defib.export(run, model, np.zeros((4, 2)))
    assert os.listdir(tmp_path) == ["run"]


def test_what_a_killed_revive_left_goes_too(tmp_path: Path) -> None:
    left = tmp_path / ".run.0123456789ab.partial"
    left.mkdir()
    (left / "run.json.12-3.partial").write_text("{")
    model = defib.Sequential(defib.Dense(np.ones((2, 1)), [0.5]))
    defib.export(tmp_path / "run", model, np.ones((3, 2)))
    assert os.listdir(tmp_path) == ["run"]


def test_a_full_disk_is_named_as_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = defib.Sequential(defib.Dense(np.ones((2, 1)), [0.5]))
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    opened = Path.open

    def full(path: Path, *arguments: object, **named: object) -> object:
        place = Path("/dev/full") if path.name == "x.npy" else path
        return opened(place, *arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(defib.ExportError, match=os.strerror(errno.ENOSPC)):
        defib.export(tmp_path / "run", model, np.ones((30_000, 2)))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24.0).reshape(2, 3, 4),
        np.asfortranarray(np.arange(24, dtype=">i4").reshape(6, 4)),
        np.arange(24, dtype=np.float16)[::3],
        np.float32(2.5),
        np.zeros((0, 3)),
    ],
)
def test_arrays_are_written_as_numpy_does(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "expected.npy", array)
    _files.save_array(tmp_path / "array.npy", array)
    assert (tmp_path / "array.npy").read_bytes() == (tmp_path / "expected.npy").read_bytes()
