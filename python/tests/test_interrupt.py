"""Ctrl-C: a real SIGINT to a process in the middle of a call that would take long.

No clock decides: a call that does not stop ends by itself, says so, and the test fails of that.
"""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import defib

ROWS = 4_000_000
ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / "bin/defib"
#: Starts a call that tells of every stage once, and says so if it ends by itself.
SCRIPT = """
import sys
import defib

seen = set()

def tell(stage, done, total):
    if stage not in seen:
        seen.add(stage)
        print(stage, flush=True)

{call}
print("over", flush=True)
"""


def sparse(path, shape, begin):
    """Write an array that is zero and takes no space, except in its first rows."""
    array = np.lib.format.open_memmap(path, mode="w+", dtype="<f4", shape=shape)
    array[: len(begin)] = begin
    del array


@pytest.fixture(scope="module")
def long_run(tmp_path_factory):
    """Return a run of 1 GB of data that takes no space."""
    folder = tmp_path_factory.mktemp("interrupt") / "run"
    rng = np.random.default_rng(0)
    first = rng.normal(size=(64, 16)).astype("f4"), np.zeros(16, "f4")
    last = rng.normal(size=(16, 1)).astype("f4"), np.zeros(1, "f4")
    model = defib.Sequential(
        defib.Dense(*first, name="hidden"), defib.ReLU(), defib.Dense(*last, name="head")
    )
    x, y = (rng.normal(size=(4096, width)).astype("f4") for width in (64, 1))
    settings = {"kind": "adam", "learning_rate": 0.001}
    defib.export(folder, model, x, y, loss="mse", optimizer=settings, batch_size=32, epochs=3)
    # Weights of samples make a replay read them all beforehand.
    np.save(folder / "data/w.npy", rng.uniform(0.5, 1, size=4096).astype("f4"))
    document = json.loads((folder / "run.json").read_text())
    document["data"]["w"] = "data/w.npy"
    document["losses"][0] |= {"sample_weight": "w", "reduction": "weighted-mean"}
    (folder / "run.json").write_text(json.dumps(document))
    for array in sorted((folder / "data").glob("*.npy")):
        begin = np.load(array)
        sparse(array, (ROWS, *begin.shape[1:]), begin)
    return folder


def interrupted(arguments, stage, stderr=subprocess.PIPE):
    """Start a process, send SIGINT once it reports the stage, and return how it ended."""
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=stderr, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "python/src")},
        # A shell that started the tests in the background has told them to ignore the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        told = []
        while not any(each.startswith(stage) for each in told):
            line = process.stdout.readline()
            assert line, f"ended before {stage}: {told} {process.communicate(timeout=60)}"
            told.append(line.strip())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
    return process.returncode, out, err


@pytest.mark.parametrize(
    ("call", "stage"),
    [
        ("defib.check({run!r}, progress=tell)", "data"),
        ("defib.check({run!r}, progress=tell)", "replay"),
        ("defib.check({run!r}, progress=tell)", "correlations"),
        ("defib.check({run!r}, progress=tell)", "trials"),
        ("defib.vitals({run!r}, progress=tell)", "replay"),
        ("defib.replay({run!r}, progress=tell)", "replay"),
        ("defib.inspect({run!r} + '/data/x.npy', progress=tell)", "inspection"),
    ],
)
def test_interrupt_ends_a_call(long_run, call, stage):
    before = sorted(long_run.rglob("*"))
    script = SCRIPT.format(call=call.format(run=str(long_run)))
    status, out, err = interrupted([sys.executable, "-c", script], stage)
    assert status == -signal.SIGINT
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert "over" not in out
    assert sorted(long_run.rglob("*")) == before


@pytest.mark.parametrize("name", ["check", "inspect"])
def test_interrupt_ends_the_command_line(long_run, tmp_path, name):
    if not COMMAND.exists():
        pytest.skip("bin/defib is not built")
    path, output = long_run, tmp_path / "report.txt"
    arguments = [str(COMMAND), "check", str(path), "--output", str(output)]
    if name == "inspect":
        arguments = [str(COMMAND), "inspect", str(path / "data/x.npy")]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:  # fmt: skip
        # The data are open once the work has begun.
        while process.poll() is None and not any("/data/" in p for p in opened(process.pid)):
            pass
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
    # A shell makes 130 of that.
    assert process.returncode == -signal.SIGINT
    assert (out, err) == (b"", b"")
    assert list(tmp_path.iterdir()) == []


def opened(process):
    """Return the paths of the files that a process has open."""
    paths = []
    # Files are closed, and the process ends, while this looks.
    with contextlib.suppress(OSError):
        paths.extend(str(e.readlink()) for e in Path(f"/proc/{process}/fd").iterdir())
    return paths


def test_progress_is_shown_on_a_terminal_only(long_run):
    if not COMMAND.exists():
        pytest.skip("bin/defib is not built")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [str(COMMAND), "check", str(long_run)], stdout=subprocess.PIPE, stderr=theirs,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        while b" of " not in shown:
            shown += os.read(ours, 1000)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=300)
    os.close(ours)
    assert b"defib: " in shown
    assert out == b""
