"""Writes a run aside and then puts it in place, so that no reader ever sees half of one."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

import numpy as np

from .._errors import ExportError
from .._run import Run
from .document import RunDocument


def write(document: RunDocument, path: str | os.PathLike[str], *, overwrite: bool) -> Run:
    """Write the run to the folder `path`.

    An existing folder is replaced only if it is a run (or empty), and only if `overwrite`.

    Raises:
        ExportError: the folder holds something else, or cannot be written.
    """
    target = Path(os.path.abspath(path))
    text = document.to_json()
    check_target(target, overwrite=overwrite)
    aside = target.parent / f".{target.name}.{secrets.token_hex(6)}.partial"
    try:
        aside.mkdir(parents=True)
        try:
            for name, array in document.arrays.items():
                file = aside / name
                file.parent.mkdir(exist_ok=True)
                source = getattr(array, "source", None)
                if source is not None:
                    # A stand-in for an array of dask: a folder of its blocks.
                    source.save(file, file.stem)
                    continue
                # Contiguous arrays, mapped ones too, go straight from their memory to the file.
                np.save(file, array, allow_pickle=False)
            (aside / "run.json").write_text(text, encoding="utf-8")
            _replace(aside, target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise ExportError(f"the run cannot be written to {target}: {error}") from error
    return Run(target)


def check_target(path: str | os.PathLike[str], *, overwrite: bool) -> None:
    """Raise ExportError where a run must not be written: before a training, not after it."""
    target = Path(os.path.abspath(path))
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise ExportError(f"{target} exists and is no folder")
    if not any(target.iterdir()):
        return
    if not (target / "run.json").is_file():
        raise ExportError(f"{target} exists and is no run (it has no run.json); choose another")
    if not overwrite:
        raise ExportError(f"{target} already holds a run; pass overwrite=True to replace it")


def _replace(aside: Path, target: Path) -> None:
    if target.is_symlink():
        target = target.resolve()
    old = aside.with_suffix(".old")
    existed = target.exists()
    if existed:
        target.rename(old)
    try:
        aside.rename(target)
    except OSError:
        if existed:
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
