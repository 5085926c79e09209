"""Dask arrays: never held as a whole, computed where and when their rows are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ._errors import ExportError
from ._files import save_array


class DaskRows:
    """An array of dask, read by rows."""

    def __init__(self, array: Any) -> None:
        # Rows are read whole, so a block must hold whole rows.
        self.array = array.rechunk(dict.fromkeys(range(1, array.ndim), -1))
        #: what the computation raised while the engine was reading
        self.failure: BaseException | None = None

    def rows(self, first: int, last: int) -> Any:
        """Return rows as a dask array that holds no other rows."""
        from dask.base import optimize

        (part,) = optimize(self.array[first:last])
        return part

    def save(self, folder: Path, stem: str) -> None:
        """Write a folder of .npy files, one per block; only one block is in memory at a time."""
        folder.mkdir()
        first = 0
        for index, length in enumerate(self.array.chunks[0]):
            block = np.asarray(self.array[first : first + length].compute())
            save_array(folder / f"{stem}-{index:06}.npy", block)
            first += length

    def reader(self) -> Callable[[Any, Any, int, Any], int]:
        """Make a function that the engine calls for rows of a subsample, `defib_read`."""
        width = int(np.prod(self.array.shape[1:], dtype=np.int64))

        def read(_: Any, rows: Any, count: int, target: Any) -> int:
            try:
                places = np.ctypeslib.as_array(rows, (count,))
                held = np.ctypeslib.as_array(target, (count * width,))
                order = np.argsort(places, kind="stable")
                ordered = self._compute(places[order])
                held.reshape(count, width)[order] = ordered.reshape(count, width)
            except BaseException as error:
                # It cannot pass through the engine, which ends its call with an error of its own.
                self.failure = self.failure or error
                return 1
            return 0

        return read

    def _compute(self, places: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        first, last = int(places[0]), int(places[-1]) + 1
        if last - first == len(places):
            return np.asarray(self.array[first:last].compute(), dtype=np.float32)
        return np.asarray(self.array[places].compute(), dtype=np.float32)


class Lazy(np.ndarray[Any, Any]):
    """Stands in for an array of dask while a model is exported: its shape, its type, one row."""

    dask: DaskRows | None = None


def rows_behind(array: Any) -> DaskRows | None:
    """Return the rows that a stand-in stands for; None for any other array."""
    return array.dask if isinstance(array, Lazy) else None


def stand_in(array: Any, what: str) -> Any:
    """Make a stand-in of an array of dask.

    Raises:
        ExportError: the array does not know how many rows it has, or has none.
    """
    if any(not isinstance(length, int) for length in array.shape):
        raise ExportError(
            f"{what} is an array of dask of shape {array.shape}; call {what}.compute_chunk_sizes()"
        )
    if array.ndim == 0 or array.shape[0] == 0:
        raise ExportError(f"{what} has no rows: its shape is {array.shape}")
    row = np.asarray(array[:1].compute())
    result: Any = np.broadcast_to(row, array.shape).view(Lazy)
    result.dask = DaskRows(array)
    return result


def stand_ins(value: Any, what: str) -> Any:
    """Replace arrays of dask in what may be a list or a dict of arrays."""
    if is_dask(value):
        return stand_in(value, what)
    if not _holds_dask(value):
        return value
    if isinstance(value, Mapping):
        return {key: stand_ins(item, f"{what}[{key!r}]") for key, item in value.items()}
    items = [stand_ins(item, f"{what}[{i}]") for i, item in enumerate(value)]
    return tuple(items) if isinstance(value, tuple) else items


def _holds_dask(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(is_dask(item) or _holds_dask(item) for item in value.values())
    # A long list holds rows, not dask arrays.
    if isinstance(value, (list, tuple)) and len(value) <= 256:
        return any(is_dask(item) or _holds_dask(item) for item in value)
    return False


def is_dask(value: Any) -> bool:
    """Whether a value is an array of dask, told without importing dask."""
    return any(
        kind.__module__ == "dask.array.core" and kind.__name__ == "Array"
        for kind in type(value).__mro__
    )


def checked(arrays: Mapping[str, Any]) -> None:
    """Refuse stand-ins that an exporter has changed: their values repeat one row.

    Raises:
        ExportError: a framework needs the data in another form than the one given.
    """
    for path, array in arrays.items():
        if isinstance(array, Lazy) and array.dask is None:
            raise ExportError(
                f"{path} has to be changed for this framework, and a dask array cannot be changed "
                "here; pass it in the form that the loss takes"
            )
