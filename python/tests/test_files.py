"""Files that others wrote, and files that somebody wants written."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

import defib
from defib._files import partial_stem, read_json, write_text
from defib._text import printable


def _run(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 3)).astype(np.float32)
    w, b = rng.standard_normal((3, 1)).astype(np.float32), np.zeros(1, np.float32)
    model = defib.Sequential(defib.Dense(w, b, name="out"))
    defib.export(folder, model, x, x @ w, loss="mse", batch_size=16)
    return folder


def _child(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own: it may hang, or die of a signal."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


_CHECK = """
import sys, defib
try:
    defib.check(sys.argv[1])
    print("checked")
except defib.DefibError as error:
    print("error:", error)
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"format": "defib-run", "format": "defib-run"}', "a second time"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"format": "defib-run"}'.encode("utf-16"), "UTF-16"),
        ('{"format": "defib-run"}'.encode("utf-32"), "UTF-32"),
        (b'{"format": "\xff"}', "UTF-8"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "nested deeper"),
        (b"[" * 100_000, "nested deeper"),
        (b"[" + b"1," * 3_000_000 + b"1]", "values"),
        (b'{"format": NaN}', "no JSON"),
    ],
    ids=["key", "bom", "utf16", "utf32", "latin1", "deep", "brackets", "numbers", "nan"],
)
def test_doubtful_json_is_refused_by_the_engine_and_by_python(
    tmp_path: Path, text: bytes, reason: str
) -> None:
    run = _run(tmp_path / "run")
    (run / "run.json").write_bytes(text)
    done = _child(_CHECK, run)
    assert done.returncode == 0, done.stderr
    assert "run.json" in done.stdout
    assert reason in done.stdout
    with pytest.raises(defib.InvalidRun, match=r"run\.json"):
        defib.Run(run).to_dict()


def test_keys_are_those_of_the_engine(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"a": [{"b": 1}, {"b": 2}], "c": 1.5}', encoding="utf-8")
    assert read_json(file) == {"a": [{"b": 1}, {"b": 2}], "c": 1.5}
    file.write_text('{"a": [{"b": 1, "b": 2}]}', encoding="utf-8")
    with pytest.raises(ValueError, match="'b' a second time"):
        read_json(file)


@pytest.mark.parametrize("name", ["run.json", "data/x.npy", "defib.toml"])
def test_nobody_waits_for_a_pipe(tmp_path: Path, name: str) -> None:
    run = _run(tmp_path / "run")
    (run / name).unlink(missing_ok=True)
    os.mkfifo(run / name)
    done = _child(_CHECK, run)
    assert f"{name}: is a pipe, expected a regular file" in done.stdout
    if name == "run.json":
        with pytest.raises(defib.InvalidRun, match="is not a regular file"):
            defib.Run(run).to_dict()


def test_links_do_not_lead_out_of_a_run(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("swordfish = 1\n")
    for name in ("defib.toml", "run.json"):
        run = _run(tmp_path / f"run-{name}")
        (run / name).unlink(missing_ok=True)
        (run / name).symlink_to(secret)
        with pytest.raises(defib.DefibError) as caught:
            defib.check(run)
        assert "swordfish" not in str(caught.value)
        assert name in str(caught.value)


@pytest.mark.parametrize("shape", [(1 << 40, 0), (0, 1 << 40)])
def test_rows_without_values_end_at_once(tmp_path: Path, shape: tuple[int, int]) -> None:
    run = _run(tmp_path / "run")
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    with (run / "data" / "x.npy").open("wb") as target:
        np.lib.format.write_array_header_1_0(target, header)
    done = _child(_CHECK, run)
    assert "x.npy: found the shape" in done.stdout, done
    shown = _child("import sys, defib; print(defib.inspect(sys.argv[1]).count)", run / "data/x.npy")
    assert shown.stdout.strip() == "0"


def test_a_file_that_shrinks_is_an_error(tmp_path: Path) -> None:
    """A mapped file ends its reader by SIGBUS, in two tries of five."""
    run = _run(tmp_path / "run")
    x = np.zeros((200_000, 3), np.float32)
    np.save(run / "data" / "x.npy", x)
    np.save(run / "data" / "y.npy", x[:, :1])
    code = """
import os, sys, defib
from ctypes import byref
from defib import _engine
from defib._progress import Monitor
with _engine.opened(sys.argv[1]) as run:
    os.truncate(sys.argv[1] + "/data/x.npy", 4000)
    options = _engine.options(Monitor(None))
    try:
        _engine.text("defib_vitals", run, byref(options))
        print("measured")
    except defib.DefibError as error:
        print("error:", error)
"""
    done = _child(code, run)
    assert done.returncode == 0, done
    assert "x.npy: changed while it was read: it had 2400128 bytes and now has 4000" in done.stdout


def test_outputs_keep_what_is_there(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.write_text("old")
    target.chmod(0o640)
    link = tmp_path / "link.html"
    link.symlink_to("page.html")
    early = tmp_path / "early.html"
    early.symlink_to("later.html")
    report = defib.check(_run(tmp_path / "run"))
    report.to_html(link)
    report.to_html(early)
    assert link.is_symlink()
    assert early.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (tmp_path / "later.html").read_bytes() == target.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    report.to_html("/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    with pytest.raises(OSError, match="No space left"):
        report.to_html("/dev/full")
    with pytest.raises(IsADirectoryError):
        report.to_html(tmp_path)
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize("name", ["x" * 255, "é" * 120, "x" * 216])
def test_long_names_leave_room_for_partial_ones(tmp_path: Path, name: str) -> None:
    run = _run(tmp_path / name)
    # What a process left that was killed goes with the next write, by the engine or by Python.
    left = tmp_path / f"{partial_stem(name)}.1-2.partial"
    assert len(os.fsencode(left.name)) < 255
    for write in (
        lambda: defib.check(run).to_html(tmp_path / "reports" / name),
        lambda: _child(
            "import sys; from defib import _commands; sys.argv = ['defib', *sys.argv[1:]];"
            "raise SystemExit(_commands.defib())",
            "check", run, "--format", "html", "--output", tmp_path / "reports" / name,
        ),
    ):  # fmt: skip
        (tmp_path / "reports").mkdir(exist_ok=True)
        (tmp_path / "reports" / left.name).write_text("left")
        write()
        assert os.listdir(tmp_path / "reports") == [name]
        assert (tmp_path / "reports" / name).read_text().rstrip().endswith("</html>")
        (tmp_path / "reports" / name).unlink()
    _run(tmp_path / name)
    assert sorted(os.listdir(tmp_path)) == sorted([name, "reports"])


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR)
    try:
        write_text(pipe, "through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_limit_on_the_size_of_files_leaves_nothing_behind(tmp_path: Path) -> None:
    code = """
import resource, sys
from defib._files import write_text
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_text(sys.argv[1], "x" * 5000)
except OSError as error:
    print(error)
"""
    target = tmp_path / "a.txt"
    target.write_text("old")
    assert "File too large" in _child(code, target).stdout
    assert target.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_names_do_not_turn_text_around() -> None:
    name = "a\u202eb\u2066c\x1b[31md\u200f\n"
    assert printable(name) == "a\ufffdb\ufffdc\ufffd[31md\ufffd "
    assert printable("Gewicht größer 重み") == "Gewicht größer 重み"
    content = {
        "format": "defib-report", "version": 1, "healthy": False, "causes": [f"r:{name}"],
        "findings": [{
            "id": f"r:{name}", "rule": "r", "title": "t", "severity": "error", "message": name,
            "place": {"kind": "layer", "name": name}, "evidence": [], "remedy": "",
        }],
    }  # fmt: skip
    report = defib.Report.from_dict(json.loads(json.dumps(content)))
    for text in (str(report), str(report.causes[0]), report._repr_html_()):
        assert all(unicodedata.category(c) != "Cf" for c in text)
        assert "\x1b" not in text


def test_metadata_of_onnx_cannot_end_an_export() -> None:
    onnx = pytest.importorskip("onnx")
    from defib.exporters.onnx import names

    hostile = (
        "(" * 100_000, "[" * 5000 + "]" * 5000, "-" * 100_000 + "1", "[1, 2", "5", "\0",
        "'" + "a" * 10, "{" * 50, "1" * 100_000, "[" + "1+" * 50_000 + "1]",
    )  # fmt: skip
    for value in hostile:
        node = onnx.helper.make_node("Relu", ["a"], ["b"], name="plain")
        entry = node.metadata_props.add()
        entry.key, entry.value = names._SCOPES, value
        assert isinstance(names._scope(node), str)
