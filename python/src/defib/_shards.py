"""Lanes of a check that run in another process: what is sent there, and what runs there.

Everything here is picklable by name, so that any executor can carry it.
"""

from __future__ import annotations

import os
import socket
import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import ExitStack
from ctypes import c_void_p
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _engine
from ._engine import Arrays, Window
from ._errors import InvalidRun

#: path -> rows of the whole array, place of the first row, and the rows: an array of NumPy, or one
#: of dask that is computed where it is needed
Rows = dict[str, tuple[int, int, Any]]


@dataclass(frozen=True)
class Folder:
    """A run in a folder that every worker sees; the key is that of one check."""

    path: str
    key: str


@dataclass(frozen=True)
class Memory:
    """A run in the memory of the process that checks it; workers get its weights once."""

    key: str


Recipe = Folder | Memory


@dataclass(frozen=True)
class Payload:
    """What a worker needs of a run in memory: run.json and every array except the data."""

    text: str
    arrays: Arrays


class _Kept:
    """The runs that this process used last."""

    limit = 4

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: OrderedDict[Recipe, tuple[Any, ExitStack]] = OrderedDict()

    def folder(self, recipe: Folder) -> c_void_p:
        """Open a run, or find it open."""
        with self._lock:
            found = self._find(recipe)
            if found is None:
                stack = ExitStack()
                try:
                    found = stack.enter_context(_engine.opened(recipe.path))
                except InvalidRun as error:
                    raise InvalidRun(
                        f"a worker ({socket.gethostname()}, process {os.getpid()}) cannot open the "
                        f"run; its folder must be at the same path on every worker: {error}"
                    ) from error
                self._keep(recipe, found, stack)
            handle: c_void_p = found
            return handle

    def payload(self, recipe: Memory, payload: Payload | None) -> Payload | None:
        """Keep what came with a task, or find what came before."""
        with self._lock:
            found: Payload | None = self._find(recipe)
            if found is None and payload is not None:
                found = payload
                self._keep(recipe, payload, ExitStack())
            return found

    def drop(self, recipe: Recipe) -> None:
        """Close a run, if it is here."""
        with self._lock:
            _, stack = self._runs.pop(recipe, (None, ExitStack()))
            stack.close()

    def _find(self, recipe: Recipe) -> Any:
        if recipe not in self._runs:
            return None
        self._runs.move_to_end(recipe)
        return self._runs[recipe][0]

    def _keep(self, recipe: Recipe, value: Any, stack: ExitStack) -> None:
        self._runs[recipe] = (value, stack)
        while len(self._runs) > self.limit:
            # A call that still uses the run keeps it alive inside the engine.
            self._runs.popitem(last=False)[1][1].close()


_kept = _Kept()


def run_lanes(
    recipe: Recipe, pass_: bytes, first: int, count: int, rows: Rows, payload: Payload | None = None
) -> bytes | None:
    """Run `count` lanes of a pass from `first` on; None when this process lacks the payload."""
    if isinstance(recipe, Folder):
        return _engine.lanes(_kept.folder(recipe), pass_, first, count)
    known = _kept.payload(recipe, payload)
    if known is None:
        return None
    windows = {
        path: Window(total, [(start, _here(part))]) for path, (total, start, part) in rows.items()
    }
    with _engine.created(known.text, known.arrays, windows) as handle:
        return _engine.lanes(handle, pass_, first, count)


def _here(part: Any) -> np.ndarray[Any, Any]:
    """Rows as an array of NumPy; those of dask are computed in this thread."""
    if isinstance(part, np.ndarray):
        return part
    return np.asarray(part.compute(scheduler="synchronous"))


def forget(recipe: Recipe) -> None:
    """Drop what this process keeps of a run that no longer has lanes to run."""
    _kept.drop(recipe)


def without_data(arrays: Mapping[str, Any], data: frozenset[str]) -> Arrays:
    """Leave out the arrays whose rows travel with the tasks."""
    return {path: array for path, array in arrays.items() if path not in data}
