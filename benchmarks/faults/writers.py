"""Everything that writes: how it is called, and which version of its work is on the disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import defib

from . import children


class DamagedError(Exception):
    """What is on the disk is neither of two versions."""


@dataclass(frozen=True)
class Writer:
    """One way in which something comes to the disk."""

    name: str
    place: str
    """What it writes, in its folder."""
    write: Callable[[Path, int], None]
    """Writes a version, 0 or 1, into a folder that `prepare` has filled."""
    version: Callable[[Path], int | None]
    """Which version is there whole; None where nothing is. Raises DamagedError."""
    prepare: Callable[[Path], None] = lambda _: None
    replaces: bool = True
    """Whether the first version may be written over, or must stay away."""


def model(version: int, rows: int = 4000) -> tuple[Any, Any, Any]:
    """A line with noise, another one for each version: model, x and y."""
    rng = np.random.default_rng(version)
    x = rng.standard_normal((rows, 8)).astype(np.float32)
    y = (x @ rng.standard_normal((8, 1)) + 3).astype(np.float32)
    w, b = np.full((8, 1), version + 1, np.float32), np.full(1, version + 1, np.float32)
    return defib.Sequential(defib.Dense(w, b, name="out")), x, y


def export(folder: Path, version: int, rows: int = 4000) -> None:
    """Export a version as the run of a folder."""
    network, x, y = model(version, rows)
    defib.export(
        folder, network, x, y, loss="mse", optimizer={"kind": "sgd", "learning_rate": 1e-5},
        batch_size=50, epochs=3,
    )  # fmt: skip


def exported(folder: Path) -> int | None:
    """Which version a run is, by all of its arrays."""
    if not folder.exists():
        return None
    try:
        document = json.loads((folder / "run.json").read_text())
        files = [entry["file"] for entry in document["graph"]["parameters"]]
        arrays = [np.load(folder / name) for name in [*files, *document["data"].values()]]
    except (OSError, ValueError, KeyError) as error:
        raise DamagedError(f"{folder} cannot be read: {error}") from error
    for version in (0, 1):
        _, x, y = model(version)
        weights = [np.full((8, 1), version + 1), np.full(1, version + 1)]
        if all(map(np.array_equal, arrays, [*weights, x, y])):
            return version
    raise DamagedError(f"{folder} is a mixture of two runs")


def _runs(folder: Path) -> None:
    for version in (0, 1):
        export(folder / f"source-{version}", version, rows=400)


def _text(folder: Path, place: str) -> int | None:
    if not (folder / place).exists():
        return None
    text = (folder / place).read_text()
    for version in (0, 1):
        if text == (folder / f"expected-{version}").read_text():
            return version
    raise DamagedError(f"{folder / place} has {len(text)} characters and is neither of two reports")


def _expecting(write: Callable[[Path, int], None], place: str) -> Callable[[Path], None]:
    """Write both versions once, without a fault, for comparison."""

    def prepare(folder: Path) -> None:
        _runs(folder)
        for version in (0, 1):
            children.result(partial(write, folder, version))
            (folder / place).rename(folder / f"expected-{version}")

    return prepare


def _check(folder: Path, version: int) -> None:
    arguments = ("--format", "html", "--output", str(folder / "report.html"), "--quiet")
    status, told = children.command("check", str(folder / f"source-{version}"), *arguments)
    if status == 2:
        raise defib.EngineError(told)


def _page(folder: Path, version: int) -> None:
    defib.check(folder / f"source-{version}").to_html(folder / "report.html")


def _baseline(folder: Path, version: int) -> None:
    report = defib.check(folder / f"source-{version}")
    known = defib.Baseline()
    known.accept(report, f"source-{version}")
    known.write(folder / "baseline.json")


def _revive(folder: Path, version: int) -> None:
    arguments = ("--output", str(folder / "revived"), "--quiet", "--effort", "0.05")
    status, told = children.command("revive", str(folder / f"source-{version}"), *arguments)
    if status != 0:
        raise defib.EngineError(told)


def _replayed(run: Path) -> str:
    try:
        defib.replay(run)
    except defib.DefibError as error:
        return str(error)
    return ""


def _revived(folder: Path) -> int | None:
    if not (folder / "revived").exists():
        return None
    text = children.result(partial(_replayed, folder / "revived"))
    if text:
        raise DamagedError(f"what was revived cannot be replayed: {text}")
    x = np.load(next((folder / "revived" / "data").glob("x*.npy")))
    return next(version for version in (0, 1) if np.array_equal(x, model(version, 400)[1]))


WRITERS = [
    Writer("export", "run", lambda f, v: export(f / "run", v), lambda f: exported(f / "run")),
    Writer(
        "check --output", "report.html", _check, lambda f: _text(f, "report.html"),
        _expecting(_check, "report.html"),
    ),
    Writer(
        "report.to_html", "report.html", _page, lambda f: _text(f, "report.html"),
        _expecting(_page, "report.html"),
    ),
    Writer(
        "Baseline.write", "baseline.json", _baseline, lambda f: _text(f, "baseline.json"),
        _expecting(_baseline, "baseline.json"),
    ),
    Writer("revive", "revived", _revive, _revived, _runs, replaces=False),
]  # fmt: skip
