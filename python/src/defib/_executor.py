"""Hands the lanes of a check to an executor of the user, and the results to the engine."""

from __future__ import annotations

import ctypes
import os
import queue
import warnings
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from . import _native, _shards
from ._errors import Cancelled, DefibError, DefibWarning, EngineError, InvalidArgument
from ._lazy import rows_behind
from ._progress import Monitor


class Executor(Protocol):
    """What `concurrent.futures` calls an executor."""

    def submit(self, fn: Any, /, *args: Any) -> Any:
        """Start a call; return its future."""


@dataclass(frozen=True)
class SharedRun:
    """A run as tasks get it."""

    recipe: _shards.Recipe
    #: What workers lack to open a run in memory.
    payload: _shards.Payload | None = None
    #: path -> data whose rows travel with the tasks
    data: Mapping[str, Any] | None = None

    @property
    def is_lazy(self) -> bool:
        """Whether some data is computed when its rows are read."""
        return any(rows_behind(array) is not None for array in (self.data or {}).values())

    def rows(self, paths: set[str], start: int, end: int) -> _shards.Rows:
        """The rows of the arrays that a task reads; no rows of the others."""
        result: _shards.Rows = {}
        for path, array in (self.data or {}).items():
            first, last = (start, end) if path in paths else (0, 0)
            behind = rows_behind(array)
            if behind is not None and first < last:
                part = behind.rows(first, last)
            else:
                # Without its rows a stand-in is an array like any other.
                part = np.asarray(array[first:last])
            result[path] = (array.shape[0], first, part)
        return result


@dataclass(frozen=True)
class _Task:
    first: int
    count: int
    start: int
    end: int


class Pool:
    """One executor during one call of the engine."""

    #: Lanes of a task, and tasks below which a task is one lane.
    lanes, tasks = 4, 16

    def __init__(self, executor: Any, shared: SharedRun, monitor: Monitor) -> None:
        self._submit, self._width = _adapted(executor)
        self._shared, self._monitor = shared, monitor
        self._warned = False
        self.pointer = _native.Executor(self._map)

    def _map(self, _: Any, pointer: Any) -> int:
        # No exception may leave this function: ctypes would print and drop it.
        try:
            _Request(self, pointer.contents).run()
        except BaseException as error:
            self._monitor.fail(error)
            return 1
        return 0

    def submit(self, *arguments: Any) -> Any:
        """Start a task."""
        return self._submit(_shards.run_lanes, *arguments)

    def lost(self, stage: str, error: BaseException) -> None:
        """Warn once that tasks run in this process."""
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"the executor lost a part of '{stage}', which runs in this process now: "
                f"{type(error).__name__}: {error}",
                DefibWarning,
                stacklevel=2,
            )


class _Request:
    """The lanes of one pass."""

    def __init__(self, pool: Pool, request: Any) -> None:
        self._pool, self._shared, self._monitor = pool, pool._shared, pool._monitor
        self._pass = ctypes.string_at(request.pass_, request.pass_size)
        self._stage = (request.stage or b"").decode("utf-8", "replace")
        self._lanes, self._shards = request.lanes, request.shards
        self._paths = {
            request.paths[i].decode("utf-8", "surrogateescape") for i in range(request.path_count)
        }
        size = max(1, min(Pool.lanes, self._lanes // Pool.tasks))
        self._tasks = deque(
            _Task(
                first, min(size, self._lanes - first), request.rows[2 * first],
                request.rows[2 * min(first + size, self._lanes) - 1],
            )
            for first in range(0, self._lanes, size)
        )  # fmt: skip
        self._done = 0
        self._pending: dict[int, tuple[_Task, Any]] = {}
        self._ended: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._number = 0

    def run(self) -> None:
        try:
            while self._tasks or self._pending:
                while self._tasks and len(self._pending) < self._pool._width:
                    self._start(self._tasks.popleft(), None)
                if not self._monitor.tell(self._stage, self._done, self._lanes):
                    raise Cancelled("cancelled by the caller")
                try:
                    number = self._ended.get(timeout=0.05)
                except queue.Empty:
                    continue
                task, future = self._pending.pop(number)
                self._finish(task, future)
        finally:
            for _, future in self._pending.values():
                future.cancel()

    def _start(self, task: _Task, payload: _shards.Payload | None) -> None:
        number = self._number = self._number + 1
        rows = self._shared.rows(self._paths, task.start, task.end)
        try:
            future = self._pool.submit(
                self._shared.recipe, self._pass, task.first, task.count, rows, payload
            )
        except DefibError:
            raise
        except Exception as error:
            # An executor that broke, or was shut down, takes no more tasks.
            self._do_here(task, error)
            return
        self._pending[number] = (task, future)
        future.add_done_callback(lambda _: self._ended.put(number))

    def _finish(self, task: _Task, future: Any) -> None:
        try:
            result = future.result()
        except DefibError:
            raise
        except ImportError as error:
            raise EngineError(
                f"a worker of the executor cannot import defib as this process does: {error}"
            ) from error
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a cancelled future is no Exception
            self._do_here(task, error)
            return
        if result is None:
            self._start(task, self._shared.payload)
            return
        try:
            self._deliver(task, result)
        except InvalidArgument as error:
            self._do_here(task, error)

    def _do_here(self, task: _Task, error: BaseException) -> None:
        self._pool.lost(self._stage, error)
        rows = self._shared.rows(self._paths, task.start, task.end)
        result = _shards.run_lanes(
            self._shared.recipe, self._pass, task.first, task.count, rows, self._shared.payload
        )
        self._deliver(task, result)

    def _deliver(self, task: _Task, result: Any) -> None:
        if not isinstance(result, bytes):
            raise InvalidArgument(
                f"the executor gave {type(result).__name__} for lanes {task.first} to "
                f"{task.first + task.count - 1} of '{self._stage}'; expected their bytes"
            )
        _native.call("defib_shards_deliver", self._shards, result, len(result))
        self._done += task.count


@contextmanager
def pooled(executor: Any, shared: SharedRun, monitor: Monitor, workers: int) -> Iterator[Any]:
    """Give the pointer for the options of a call: null where the engine needs no executor."""
    try:
        if executor is not None:
            pool = Pool(executor, shared, monitor)
            yield pool.pointer
        elif shared.is_lazy:
            # Each thread holds the rows of one task.
            with ThreadPoolExecutor(workers or os.cpu_count() or 1, "defib") as threads:
                pool = Pool(threads, shared, monitor)
                yield pool.pointer
        else:
            yield _native.Executor()
    finally:
        _shards.forget(shared.recipe)


def _adapted(executor: Any) -> tuple[Any, int]:
    """How tasks are started, and how many may wait at a time."""
    client = _dask_client(executor)
    if client is not None:
        width = max(16, 2 * sum(client.nthreads().values()))
        return lambda fn, *arguments: _on_dask(client, fn, *arguments), width
    submit = getattr(executor, "submit", None)
    if not callable(submit):
        raise InvalidArgument(
            f"executor is of type {type(executor).__name__}; expected one like those of "
            "concurrent.futures, with a method submit, or a dask.distributed.Client"
        )
    width = getattr(executor, "_max_workers", None)
    return submit, max(4, 2 * width) if isinstance(width, int) else 64


def _dask_client(executor: Any) -> Any:
    """Return the client of a cluster of dask, told without importing dask."""
    names = {kind.__module__ + "." + kind.__qualname__ for kind in type(executor).__mro__}
    if "distributed.client.Client" in names:
        return executor
    return executor._client if "distributed.cfexecutor.ClientExecutor" in names else None


def _on_dask(client: Any, fn: Any, *arguments: Any) -> Future[Any]:
    """Start a task on a cluster; arrays of dask become arrays of NumPy where it runs."""
    from dask.delayed import delayed

    recipe, pass_, first, count, rows, payload = arguments
    if any(not isinstance(part, np.ndarray) for _, _, part in rows.values()):
        call = delayed(fn, pure=False)(recipe, pass_, first, count, rows, payload)
        remote = client.compute(call)
    else:
        remote = client.submit(fn, *arguments, pure=False)
    local: Future[Any] = Future()

    def finish(done: Any) -> None:
        if not local.set_running_or_notify_cancel():
            return
        try:
            local.set_result(done.result())
        except BaseException as error:
            local.set_exception(error)

    remote.add_done_callback(finish)
    # The cluster drops results that nobody holds.
    local.remote = remote  # type: ignore[attr-defined]
    return local
