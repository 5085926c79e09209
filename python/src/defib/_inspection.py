"""What the inspector sees in files and arrays."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ctypes import byref
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _engine
from ._errors import DefibError, ExportError
from ._json import decoded
from ._progress import Callback, Monitor


@dataclass(frozen=True, eq=False)
class Inspection:
    """One array: what its header says, and the figures of its elements."""

    #: The file or the name of the array, and its name in an archive.
    path: str
    member: str | None
    #: "real", "complex", or "described" when the elements are not numbers.
    kind: str
    #: Such as "float32", and the header's own "<f4".
    type: str
    descr: str
    #: "C" or "F": which index runs fastest.
    order: str
    shape: tuple[int, ...]
    count: int
    #: min, max, mean, std, zeros, nan, …; None where there is nothing to measure.
    figures: Mapping[str, Any] | None
    #: What a reader should know, in words.
    warnings: tuple[str, ...]
    _content: Mapping[str, Any] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return all that the inspector knows, histogram and columns included."""
        return dict(self._content)


@dataclass(frozen=True, eq=False)
class Archive:
    """Several arrays: an .npz or .safetensors file, a folder, or a dict."""

    path: str
    arrays: tuple[Inspection, ...]
    #: What could not be read -> why.
    errors: Mapping[str, str]


def read(path: str, content: Mapping[str, Any]) -> Inspection | Archive:
    """Read what the engine wrote.

    Raises:
        DefibError: it is not an inspection.
    """
    try:
        if "arrays" not in content:
            return _array(content)
        return Archive(
            path=path,
            arrays=tuple(_array(entry) for entry in content["arrays"]),
            errors={entry["path"]: entry["message"] for entry in content.get("errors", ())},
        )
    except (KeyError, TypeError) as error:
        raise DefibError(f"the inspection of {path} is damaged: {error!r}") from error


def _array(content: Mapping[str, Any]) -> Inspection:
    values = decoded(dict(content))
    names = ("path", "kind", "type", "descr", "order", "count")
    return Inspection(
        **{name: values[name] for name in names},
        member=values.get("member"),
        shape=tuple(values["shape"]),
        figures=values.get("figures"),
        warnings=tuple(values.get("warnings", ())),
        _content=values,
    )


def as_array(value: Any, name: str) -> npt.NDArray[Any]:
    """View a value as an array that the engine can look at.

    Tensors of any framework go by what they offer to NumPy. Types that the engine only describes
    are taken as well.

    Raises:
        ExportError: it is no array, or one of Python objects.
    """
    if not isinstance(value, np.ndarray):
        from .exporters.arrays import as_array as numbers
        from .exporters.arrays import is_tensor

        value = numbers(value, name) if is_tensor(value) else np.asarray(value)
    if value.dtype.hasobject:
        raise ExportError(f"{name} holds Python objects; expected numbers, or strings")
    if value.dtype.names is not None:
        value = value.view(np.dtype((np.void, value.dtype.itemsize)))
    array: npt.NDArray[Any] = value
    return array


def inspect(
    path: Any, *, quantiles: bool = False, progress: bool | Callback | None = None
) -> Inspection | Archive:
    """Show what is in a file or in arrays.

    Args:
        path: A .npy, .npz or .safetensors file, a part of one such as "w.npy[0, :]", or a folder of
            them; or an array or a tensor, which is looked at where it is; or a dict of arrays, such
            as a state dict.
        quantiles: Whether to look for quantiles, too: `figures["quantiles"]`, by their share.
        progress: As for `check`.

    Raises:
        InvalidRun: a file cannot be read.
        ExportError: something is no array.
    """
    settings = {"quantiles": True} if quantiles else None
    if isinstance(path, Mapping):
        arrays = [_inspected(str(name), array, settings, progress) for name, array in path.items()]
        return read("", {"arrays": arrays})
    if not isinstance(path, (str, os.PathLike)):
        return read("", _inspected("array", path, settings, progress))
    monitor = Monitor(progress)
    chosen = _engine.options(monitor, settings=settings)
    content = _engine.interruptible(
        monitor, lambda: _engine.parsed("defib_inspect", os.fsencode(path), byref(chosen))
    )
    return read(os.fspath(path), content)


def _inspected(
    name: str, value: Any, settings: Mapping[str, Any] | None, progress: bool | Callback | None
) -> Any:
    array = as_array(value, name)
    monitor = Monitor(progress)
    chosen = _engine.options(monitor, settings=settings)
    return _engine.interruptible(monitor, lambda: _engine.inspected(name, array, chosen))
