"""Runs, replays and texts of the engine; each lives as long as its `with` block."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import byref, c_int64, c_void_p
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _json, _native
from ._errors import Cancelled, DefibError, EngineError, InvalidRun
from ._lazy import rows_behind
from ._progress import Monitor

#: How often to open a run that is replaced each time while it is read.
_REPLACED = 100

Arrays = dict[str, npt.NDArray[Any]]
#: each loss by the engine's name for it, which two of one kind on one output share
Losses = list[tuple[str, float]]


@dataclass(frozen=True)
class Window:
    """Some rows of an array that has `rows` of them: places of first rows, and arrays."""

    rows: int
    parts: Sequence[tuple[int, npt.NDArray[Any]]]


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[c_void_p]:
    """Open the run in a folder; open it again if another run replaces it meanwhile.

    Ctrl-C stops it.
    """
    handle = c_void_p()
    for _ in range(_REPLACED):
        before = _folder(path)
        try:
            _open("defib_run_open", handle, os.fsencode(path))
        except DefibError as error:
            if isinstance(error, Cancelled) or _folder(path) == before:
                raise
            continue
        if _folder(path) == before:
            break
        _native.library().defib_run_free(handle)
    else:
        raise InvalidRun(f"{os.fspath(path)}: it is replaced by another run again and again")
    try:
        yield handle
    finally:
        _native.library().defib_run_free(handle)


def _folder(path: str | os.PathLike[str]) -> tuple[int, ...] | None:
    """Identify a folder, so that a later one of the same name is told apart."""
    try:
        now = os.stat(path)
    except OSError:
        return None
    return now.st_dev, now.st_ino, now.st_mtime_ns


@contextmanager
def created(
    text: str,
    arrays: Mapping[str, npt.NDArray[Any]],
    windows: Mapping[str, Window] | None = None,
) -> Iterator[c_void_p]:
    """Make a run over borrowed arrays, which this block keeps alive, and parts of others.

    Where the computation of an array of dask fails, what it raised is raised here.
    """
    kept: list[Any] = [arrays, windows]
    parts = [(path, part) for path, held in (windows or {}).items() for part in held.parts]
    table = (_native.Array * (len(arrays) + len(parts)))()
    for entry, (path, array) in zip(table, arrays.items(), strict=False):
        _describe(entry, path, array, kept)
    for entry, (path, (first, array)) in zip(table[len(arrays) :], parts, strict=True):
        _describe(entry, path, array, kept)
        entry.total_rows, entry.first_row = windows[path].rows, first  # type: ignore[index]
    data = text.encode()
    handle = c_void_p()
    _open("defib_run_create", handle, data, len(data), table, len(table))
    try:
        yield handle
    except DefibError:
        behind = filter(None, map(rows_behind, arrays.values()))
        failure = next((rows.failure for rows in behind if rows.failure is not None), None)
        if failure is not None:
            raise failure from None
        raise
    finally:
        _native.library().defib_run_free(handle)
        kept.clear()


def _open(name: str, handle: c_void_p, *arguments: Any) -> None:
    """Have the engine open a run so that the user can stop it, where the engine is new enough."""
    if not _native.has(f"{name}_with"):
        _native.call(name, *arguments, byref(handle))
        return
    monitor = Monitor(None)
    chosen = options(monitor)
    interruptible(
        monitor,
        lambda: _native.call(f"{name}_with", *arguments, byref(chosen), byref(handle)),
    )


def _describe(entry: _native.Array, path: str, array: npt.NDArray[Any], kept: list[Any]) -> None:
    shape = (c_int64 * array.ndim)(*array.shape)
    strides = (c_int64 * array.ndim)(*array.strides)
    kept += [shape, strides]
    entry.size = ctypes.sizeof(_native.Array)
    entry.path = path.encode()
    entry.data = array.ctypes.data if array.size else None
    entry.dtype = array.dtype.str.encode()
    entry.ndim = array.ndim
    entry.shape = shape
    entry.strides = strides
    behind = rows_behind(array)
    if behind is not None:
        read = _native.Read(behind.reader())
        kept.append(read)
        entry.data, entry.strides, entry.read = None, None, read


def options(
    monitor: Monitor,
    *,
    workers: int = 0,
    initial: bool = False,
    memory: int | None = None,
    settings: Mapping[str, Any] | None = None,
) -> _native.Options:
    """Fill the options of one call."""
    result = _native.Options()
    result.size = ctypes.sizeof(_native.Options)
    result.workers = workers
    result.initial = int(initial)
    result.memory = memory or 0
    result.progress = monitor.pointer
    if settings:
        result.settings = json.dumps(settings).encode()
    return result


def text(name: str, *arguments: Any) -> str:
    """Call a function that writes a text, and return the text."""
    handle = c_void_p()
    _native.call(name, *arguments, byref(handle))
    return _taken(handle).decode("utf-8", "replace")


def _taken(handle: c_void_p) -> bytes:
    """Copy the bytes of a text, zeros included, and free it."""
    lib = _native.library()
    try:
        data = lib.defib_text_data(handle)
        return ctypes.string_at(data, lib.defib_text_size(handle)) if data else b""
    finally:
        lib.defib_text_free(handle)


def lanes(run: c_void_p, pass_: bytes, first: int, count: int) -> bytes:
    """Run lanes of a pass in this thread alone, for a check in another process."""
    chosen = _native.Options()
    chosen.size = ctypes.sizeof(_native.Options)
    chosen.workers = 1
    handle = c_void_p()
    _native.call(
        "defib_shard_run", run, pass_, len(pass_), first, count, byref(chosen), byref(handle)
    )
    return _taken(handle)


def parsed(name: str, *arguments: Any) -> Any:
    """Call a function that writes JSON, and return what it says."""
    return _json.parsed(name, text(name, *arguments))


def inspected(name: str, array: npt.NDArray[Any], chosen: _native.Options) -> Any:
    """Have the inspector look at an array in memory; return what it says."""
    if not _native.has("defib_inspect_array"):
        raise EngineError("this engine inspects no arrays; install it and the package together")
    kept: list[Any] = [array]
    entry = _native.Array()
    _describe(entry, name, array, kept)
    return parsed("defib_inspect_array", byref(entry), byref(chosen))


def check(run: c_void_p, chosen: _native.Options) -> tuple[Any, str, Arrays]:
    """Check a run; return the report as JSON and as plain text, and the weights of its cure."""
    report = c_void_p()
    _native.call("defib_check", run, byref(chosen), byref(report))
    try:
        return (
            parsed("defib_report_render", report, b"json"),
            text("defib_report_render", report, b"text"),
            _weights(report),
        )
    finally:
        _native.library().defib_report_free(report)


def _weights(report: c_void_p) -> Arrays:
    """Copy the weights of the cure; none from an engine that knows no cure."""
    if not _native.has("defib_report_weight"):
        return {}
    result: Arrays = {}
    for index in range(_native.library().defib_report_weight_count(report)):
        entry = _native.Array()
        entry.size = ctypes.sizeof(_native.Array)
        _native.call("defib_report_weight", report, index, byref(entry))
        result[(entry.path or b"").decode("utf-8", "replace")] = _copy(entry)
    return result


def rendered(report: str, name: str) -> str:
    """Render a report's JSON in another format."""
    if not _native.has("defib_report_read"):
        raise EngineError("this engine cannot render reports that were kept; it is too old")
    handle = c_void_p()
    data = report.encode("utf-8", "replace")
    _native.call("defib_report_read", data, len(data), byref(handle))
    try:
        return text("defib_report_render", handle, name.encode())
    finally:
        _native.library().defib_report_free(handle)


def replay(run: c_void_p, chosen: _native.Options) -> tuple[Arrays, Arrays, Losses]:
    """Replay a run; return copies of its outputs and gradients, and its losses.

    The losses come in the order of run.json, and the penalties of the training behind them.
    """
    handle = c_void_p()
    _native.call("defib_replay_run", run, byref(chosen), byref(handle))
    try:
        outputs, gradients = (
            dict(_copied(handle, kind)) for kind in (_native.OUTPUTS, _native.GRADIENTS)
        )
        losses = _copied(handle, _native.LOSSES)
        return outputs, gradients, [(name, float(array[0])) for name, array in losses]
    finally:
        _native.library().defib_replay_free(handle)


def _copied(handle: c_void_p, kind: int) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    for index in range(_native.library().defib_replay_count(handle, kind)):
        entry = _native.Array()
        entry.size = ctypes.sizeof(_native.Array)
        _native.call("defib_replay_array", handle, kind, index, byref(entry))
        yield (entry.path or b"").decode("utf-8", "replace"), _copy(entry)


def _copy(entry: _native.Array) -> npt.NDArray[Any]:
    shape = tuple(entry.shape[axis] for axis in range(entry.ndim))
    dtype = np.dtype((entry.dtype or b"").decode())
    array: npt.NDArray[Any] = np.empty(shape, dtype)
    if not array.size or not entry.data:
        return array
    strides = tuple(entry.strides[axis] for axis in range(entry.ndim)) if entry.strides else None
    reach = [(n - 1) * s for n, s in zip(shape, strides or array.strides, strict=True)]
    before = -sum(step for step in reach if step < 0)
    after = sum(step for step in reach if step > 0) + dtype.itemsize
    start = entry.data - before
    memory = memoryview((ctypes.c_ubyte * (before + after)).from_address(start))
    array[...] = np.ndarray(shape, dtype, buffer=memory, offset=before, strides=strides)
    return array


def interruptible(monitor: Monitor, work: Callable[[], Any]) -> Any:
    """Run a call of the engine so that the user can stop it."""
    with monitor:
        return monitor.run(work)
