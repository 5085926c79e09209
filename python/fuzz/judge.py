"""What the engine makes of one run, and whether that is an allowed end."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import byref
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

import defib
from defib import _engine, _native
from defib._progress import Monitor

from .cases import FOLDER, FOREIGN, Case
from .foreign import foreign
from .subject import Subject

#: The memory that a replay may plan for, where the release can be told.
MEMORY = 256 << 20

CALLS = ("check", "replay", "vitals")


class Unexpected(Exception):  # noqa: N818
    """A call ended neither in a result nor in an error that is meant for the user."""


def judge(case: Case, subject: Subject, folder: Path) -> list[str]:
    """Check, replay and measure a run; return how each ended.

    Raises:
        Unexpected: something else than a DefibError came out, or an error without a message.
    """
    ends = []
    if case.way == FOLDER:
        subject.save(folder)
        for name in CALLS:
            function = getattr(defib, name)
            takes = inspect.signature(function).parameters
            given = {"memory": MEMORY} if "memory" in takes else {}
            ends.append(_end(name, lambda: function(folder, workers=2, **given)))  # noqa: B023
        return ends
    for name in CALLS:
        ends.append(_end(name, lambda: _in_memory(name, case, subject)))  # noqa: B023
    return ends


def _end(name: str, call: Callable[[], Any]) -> str:
    try:
        call()
    except defib.DefibError as error:
        if not str(error).strip():
            raise Unexpected(f"{name}: a {type(error).__name__} without a message") from error
        return f"{name}: {type(error).__name__}: {error}"
    except Exception as error:
        raise Unexpected(f"{name}: {type(error).__name__}: {error}") from error
    return f"{name}: done"


def _in_memory(name: str, case: Case, subject: Subject) -> None:
    options = _engine.options(Monitor(None), workers=2)
    if hasattr(options, "memory"):
        options.memory = MEMORY
    with _opened(case, subject) as handle:
        if name == "check":
            content, text, weights = _engine.check(handle, options)
            defib.Report.from_dict(content, text, weights)
        elif name == "replay":
            _engine.replay(handle, options)
        else:
            _engine.parsed("defib_vitals", handle, byref(options))


@contextmanager
def _opened(case: Case, subject: Subject) -> Iterator[Any]:
    arrays = {path: np.asarray(array) for path, array in subject.arrays.items()}
    if case.way != FOREIGN:
        with _engine.created(subject.text, arrays) as handle:
            yield handle
        return
    rng = Random(f"{case.seed}/{case.number}/foreign")
    with foreign(rng, subject.text, arrays) as handle:
        try:
            yield handle
        finally:
            _native.library().defib_run_free(handle)
