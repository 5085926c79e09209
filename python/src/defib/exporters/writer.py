"""Writes a run beside its place and then moves it there, so that no reader sees half of one."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from .._errors import ExportError
from .._files import save_array
from .._lazy import rows_behind
from .._run import Run
from .document import RunDocument
from .placing import Partial, sweep


def write(document: RunDocument, path: str | os.PathLike[str], *, overwrite: bool) -> Run:
    """Write the run to the folder `path`.

    An existing folder is replaced only if it is a run (or empty), and only if `overwrite`. Others
    may write to the same folder at the same time: the last one stays. What writers left behind that
    were killed is removed.

    Raises:
        ExportError: the folder holds something else, or cannot be written.
    """
    target = Path(os.path.abspath(path))
    text = document.to_json()
    check_target(target, overwrite=overwrite)
    try:
        partial = Partial(Path(os.path.realpath(target)))
        try:
            _fill(partial.path, document, text)
            partial.place(lambda: check_target(target, overwrite=overwrite))
        finally:
            partial.remove()
        sweep(partial.target)
    except OSError as error:
        raise ExportError(f"the run cannot be written to {target}: {error}") from error
    return Run(target)


def _fill(folder: Path, document: RunDocument, text: str) -> None:
    for name, array in document.arrays.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        behind = rows_behind(array)
        if behind is not None:
            behind.save(file, file.stem)
            continue
        save_array(file, array)
    (folder / "run.json").write_text(text, encoding="utf-8")


def check_target(path: str | os.PathLike[str], *, overwrite: bool) -> None:
    """Raise ExportError where a run must not be written: before a training, not after it."""
    target = Path(os.path.abspath(path))
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise ExportError(f"{target} exists and is not a folder")
    if not os.access(target, os.R_OK | os.W_OK | os.X_OK):
        reason = os.strerror(errno.EACCES)
        raise ExportError(f"{target} cannot be replaced or written to: {reason}")
    if not any(target.iterdir()):
        return
    if not (target / "run.json").is_file():
        raise ExportError(f"{target} exists and is not a run (it has no run.json); choose another")
    if not overwrite:
        raise ExportError(f"{target} already holds a run; pass overwrite=True to replace it")
