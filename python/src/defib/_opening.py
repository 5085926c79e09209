"""Opens what the functions of the package get: a folder, or a model with its data."""

from __future__ import annotations

import os
import pathlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import c_void_p
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _engine
from ._errors import InvalidArgument
from ._executor import SharedRun
from ._lazy import checked, stand_ins
from ._run import Run
from ._shards import Folder, Memory, Payload, without_data

if TYPE_CHECKING:
    from .exporters.document import RunDocument


@dataclass(frozen=True)
class Opened:
    """A run inside the engine, and where its run.json is read again."""

    handle: c_void_p
    document: Callable[[], Mapping[str, Any]]
    shared: SharedRun

    def losses(self) -> Sequence[Mapping[str, Any]]:
        """Return the losses of the run, as run.json has them."""
        entries: Sequence[Mapping[str, Any]] = self.document().get("losses", ())
        return entries


@contextmanager
def opened(run: Any, x: Any, y: Any, training: Mapping[str, Any]) -> Iterator[Opened]:
    """Open the run in a folder, or build and open that of a model.

    Raises:
        InvalidArgument: data or settings come with a folder, which has its own.
        TypeError: a keyword argument is not a setting.
    """
    from .exporters import Settings, build, is_onnx, kept_model, taken
    from .exporters.slips import of_names

    if isinstance(run, (str, os.PathLike)) and not is_onnx(run):
        kept = kept_model(run)
        if kept:
            raise InvalidArgument(kept)
        given = [name for name, value in (("x", x), ("y", y)) if value is not None]
        given += list(training)
        if given:
            raise InvalidArgument(
                f"{', '.join(given)} go with a model; the run {os.fspath(run)} has its own"
            )
        with _engine.opened(run) as handle:
            yield Opened(handle, Run(pathlib.Path(run)).to_dict, _in_folder(run))
        return
    strangers = [name for name in training if name not in Settings.names()]
    if strangers:
        raise TypeError(
            f"unexpected keyword arguments {strangers}; a model takes {Settings.names()}"
            f"{of_names(strangers, Settings.names())}"
        )
    x, y, training = taken(run, x, y, training)
    held = stand_ins(training.get("validation"), "validation")
    settings = Settings(**{**training, "validation": held})
    document = build(run, stand_ins(x, "x"), stand_ins(y, "y"), settings)
    checked(document.arrays)
    text = document.to_json()
    with _engine.created(text, document.arrays) as handle:
        yield Opened(handle, document.to_dict, _in_memory(text, document))


def _in_folder(run: str | os.PathLike[str]) -> SharedRun:
    return SharedRun(Folder(os.path.abspath(run), secrets.token_hex(16)))


def _in_memory(text: str, document: RunDocument) -> SharedRun:
    paths = frozenset([*document.data.values(), *document.validation.values()])
    payload = Payload(text, without_data(document.arrays, paths))
    data = {path: document.arrays[path] for path in paths}
    return SharedRun(Memory(secrets.token_hex(16)), payload, data)
