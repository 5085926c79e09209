"""Folders and files that may not be written or read, for somebody who is not root."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import defib

from . import children
from .found import Found
from .writers import export, exported

NOBODY = 65534


def rights(tell: Callable[[str], None]) -> Found:
    """Try each case as an unprivileged user: what it says and leaves must be right."""
    found = Found(note="as nobody" if os.geteuid() == 0 else "as this user")
    for name, case in _CASES.items():
        tell(f"forbidden: {name}")
        with TemporaryDirectory(prefix="defib-faults-") as place:
            folder = Path(place)
            folder.chmod(0o777)
            text = children.result(partial(_as_nobody, case, folder))
        found.cases += 1
        found.expect(not text, f"forbidden, {name}: {text}")
    return found


def _as_nobody(case: Callable[[Path], str], folder: Path) -> str:
    # The files of Python itself may not be readable for nobody: import all that is needed.
    with TemporaryDirectory() as place:
        export(Path(place) / "run", 0)
        defib.check(Path(place) / "run").to_html(Path(place) / "page.html")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    run = folder / "open" / "run"
    run.parent.mkdir()
    export(run, 0)
    try:
        return case(run)
    finally:
        for path, _, _ in os.walk(run.parent):
            os.chmod(path, 0o777)


def _refusal(call: Callable[[], Any], *words: str | Path) -> str:
    """Return what is wrong with the error of a call, or nothing."""
    try:
        call()
    except (defib.DefibError, OSError) as error:
        missing = [str(word) for word in words if str(word) not in str(error)]
        return f"the error lacks {missing}: {error}" if missing else ""
    return "it raised nothing"


def _status(*arguments: str | Path, words: tuple[str | Path, ...]) -> str:
    """Return what is wrong with a command that must end with status 2, or nothing."""
    status, told = children.command(*map(str, arguments))
    missing = [str(word) for word in words if str(word) not in told]
    return f"status {status}, lacks {missing}: {told}" if status != 2 or missing else ""


def _names(folder: Path, *names: str) -> str:
    """Return what is in a folder, where it is not what it must be."""
    return "" if sorted(os.listdir(folder)) == sorted(names) else f"found {os.listdir(folder)}"


def _closed_parent(run: Path) -> str:
    run.parent.chmod(0o555)
    return (
        _refusal(lambda: export(run, 1), run, "Permission denied")
        or _refusal(lambda: export(run.parent / "new", 1), run.parent / "new", "Permission denied")
        or ("" if exported(run) == 0 else "the run has changed")
        or _names(run.parent, "run")
    )


def _closed_run(run: Path) -> str:
    run.chmod(0o555)
    return (
        _refusal(lambda: export(run, 1), run, "Permission denied")
        or ("" if exported(run) == 0 else "the run has changed")
        or _names(run.parent, "run")
    )


def _closed_data(run: Path) -> str:
    (run / "data").chmod(0o555)
    export(run, 1)
    return ("" if exported(run) == 1 else "the run is not the new one") or _names(run.parent, "run")


def _unreadable(run: Path) -> str:
    for name in ("run.json", "data/x.npy"):
        (run / name).chmod(0)
        wrong = _refusal(lambda: defib.check(run), name, "Permission denied") or _status(
            "check", run, words=(name, "Permission denied")
        )
        if wrong:
            return wrong
        (run / name).chmod(0o644)
    run.chmod(0)
    return _refusal(lambda: defib.check(run), "run.json", "Permission denied")


def _closed_output(run: Path) -> str:
    report, folder = defib.check(run), run.parent / "reports"
    folder.mkdir()
    folder.chmod(0o555)
    page = folder / "page.html"
    return (
        _refusal(lambda: report.to_html(page), page, "Permission denied")
        or _status("check", run, "--output", page, words=(page, "Permission denied"))
        or _status(
            "check", run, "--write-baseline", page, "--quiet", words=(page, "Permission denied")
        )
        or _names(folder)
    )


def _closed_file(run: Path) -> str:
    report, page = defib.check(run), run.parent / "page.html"
    page.write_text("kept")
    page.chmod(0o444)
    return (
        _refusal(lambda: report.to_html(page), page, "Permission denied")
        or _status("check", run, "--output", page, words=(page, "Permission denied"))
        or ("" if page.read_text() == "kept" else "the page has changed")
        or _names(run.parent, "run", "page.html")
    )


def _open_file(run: Path) -> str:
    report, folder = defib.check(run), run.parent / "reports"
    folder.mkdir()
    page = folder / "page.html"
    page.write_text("older and longer" * 10_000)
    folder.chmod(0o555)
    report.to_html(page)
    whole = page.read_text()
    if not whole.rstrip().endswith("</html>") or "older" in whole:
        return "the page is not whole"
    page.write_text("older and longer" * 10_000)
    children.command("check", str(run), "--format", "html", "--output", str(page))
    whole = page.read_text()
    return "" if whole.rstrip().endswith("</html>") and "older" not in whole else "of the command"


def _closed_revived(run: Path) -> str:
    place = run.parent / "reports"
    place.mkdir(mode=0o555)
    return _status(
        "revive",
        run,
        "--output",
        place / "revived",
        "--quiet",
        words=("reports/revived", "Permission denied"),
    ) or _names(place)


_CASES = {
    "the folder around a run": _closed_parent,
    "a run": _closed_run,
    "the data of a run that is replaced": _closed_data,
    "what a run consists of, to be read": _unreadable,
    "the folder of a report": _closed_output,
    "a report": _closed_file,
    "the folder of a report that may be written itself": _open_file,
    "the folder of a revived run": _closed_revived,
}
