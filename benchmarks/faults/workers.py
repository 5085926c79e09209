"""Workers of a pool and of a cluster that are killed in the middle of the passes over shards."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import defib

from .found import Found
from .writers import export

ROWS = 40_000


def survey(kills: int, seed: int, tell: Callable[[str], None]) -> Found:
    """Kill one worker of a process pool in each of some checks."""
    found, rng = Found(), random.Random(seed)
    with TemporaryDirectory(prefix="defib-faults-") as name:
        run, expected, seconds = _prepared(Path(name))
        lost = 0
        for number in range(kills):
            tell(f"dead workers: {number + 1} of {kills}")
            with ProcessPoolExecutor(2, get_context("spawn")) as pool:
                # Both workers are there, and have imported what they need.
                list(pool.map(_ready, range(4)))
                victims = lambda pool=pool: list(pool._processes or ())  # noqa: E731
                lost += _killed(
                    found, run, expected, pool, victims, rng.uniform(0.05, 0.8) * seconds
                )
        found.note = f"{lost} lost a part of the work, and the report was the same"
        _leftovers(found, Path(name))
    return found


def on_dask(kills: int) -> Found:
    """Kill one worker of a cluster of Dask in each of some checks."""
    found = Found()
    if not kills:
        return Found(note="left out")
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        return Found(note="left out: dask and distributed are not installed")
    rng = random.Random(kills)
    with TemporaryDirectory(prefix="defib-faults-") as name:
        run, expected, seconds = _prepared(Path(name))
        with (
            LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=2, threads_per_worker=1, dashboard_address=None,
                local_directory=str(Path(name) / "dask"),
            ) as cluster,
            Client(cluster) as client,  # type: ignore[no-untyped-call]
        ):  # fmt: skip
            for _ in range(kills):
                client.wait_for_workers(2)
                victims = lambda: list(client.run(os.getpid).values())  # noqa: E731
                _killed(found, run, expected, client, victims, rng.uniform(0.05, 0.8) * seconds)
    return found


def _ready(_: int) -> int:
    time.sleep(0.05)
    return len(defib.__version__)


def _prepared(folder: Path) -> tuple[Path, str, float]:
    """A run of shards, the report that it has without a fault, and how long a check takes."""
    run = folder / "run"
    export(run, 0, rows=ROWS)
    for name in ("x", "y"):
        file = run / "data" / f"{name}.npy"
        array = np.load(file)
        file.unlink()
        file.mkdir()
        for index, part in enumerate(np.array_split(array, 7)):
            np.save(file / f"{name}-{index:05}.npy", part)
    begin = time.perf_counter()
    text = defib.check(run).to_json()
    return run, text, time.perf_counter() - begin


def _killed(
    found: Found, run: Path, expected: str, executor: Any, victims: Callable[[], Iterable[int]],
    delay: float,
) -> int:  # fmt: skip
    """Check a run while one of the workers dies; return whether work was lost."""
    numbers = list(victims())
    timer = threading.Timer(delay, _kill, [numbers[0]])
    timer.start()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            text = defib.check(run, executor=executor).to_json()
        except defib.DefibError as error:
            text = str(error)
    timer.join()
    found.cases += 1
    found.expect(
        text == expected, f"a dead worker after {delay:.3f} s: another report, {text[:200]}"
    )
    return int(any("lost a part" in str(warning.message) for warning in told))


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def _leftovers(found: Found, folder: Path) -> None:
    names = sorted(os.listdir(folder))
    found.expect(names == ["run"], f"dead workers leave {names}")
