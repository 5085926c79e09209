"""Files that others wrote, and files that somebody wants written."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

#: The engine's own limit: the most bytes of a run.json.
_LIMIT = 32 << 20
#: The deepest nesting of objects and lists.
_DEPTH = 64
#: Bytes that a name may have, with room for all that a partial name adds; and that a name ever has.
_STEM, _LONGEST = 215, 255
_counter = itertools.count(1)


def read_json(file: Path) -> Any:
    """Read a JSON file as the engine does: UTF-8 alone, and every key of an object once.

    Raises:
        OSError: it is missing, cannot be read, or is not a regular file (pipes included).
        ValueError: it is not such JSON, or too large.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    with os.fdopen(descriptor, "rb") as source:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is not a regular file")
        data = source.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise ValueError(f"found more than {_LIMIT} bytes, expected at most that many of JSON")
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refused)
    except (RecursionError, MemoryError) as error:
        raise ValueError("found lists and objects nested too deep") from error
    _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(_DEPTH + 1):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        if not inner:
            return
        level = inner
    raise ValueError(f"found lists and objects nested deeper than {_DEPTH}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"found the key {key!r} a second time, expected every key once")
            seen.add(key)
    return result


def _refused(word: str) -> Any:
    raise ValueError(f"found {word}, which is not JSON")


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Put a text at a path, as a whole or not at all.

    A regular file is replaced and keeps its mode, its owner where that is allowed, and the links
    that lead to it; a pipe or a device is written to. What writers of the same path left beside it
    that were killed is removed.

    Raises:
        OSError: the file cannot be written.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        found = os.stat(path)
    except FileNotFoundError:
        found = None
    if found is not None and not _is_replaceable(path, found):
        _write_in_place(path, data)
        return
    # For a link, the place that it leads to, which need not exist.
    place = os.path.realpath(path)
    if os.path.islink(place):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(path))
    with _beside(place) as (descriptor, partial):
        if found is not None:
            _resemble(descriptor, found)
        _write(descriptor, data)
        try:
            os.replace(partial, place)
        except OSError as error:
            # A file that is a mount point can be written but not replaced.
            if error.errno != errno.EBUSY:
                raise
            os.unlink(partial)
            _write_in_place(path, data)
    _remove_leftovers(place)


class _Pieces:
    """A file for NumPy that tells the system's reason: NumPy's own way says how many bytes fit."""

    def __init__(self, target: Any) -> None:
        self.write = target.write


def save_array(file: Path, array: Any) -> None:
    """Write an array as .npy, in pieces of a few MB.

    Raises:
        OSError: the disk is full, or the file cannot be written for another reason.
    """
    with file.open("wb") as target:
        np.lib.format.write_array(_Pieces(target), np.asanyarray(array), allow_pickle=False)


def _write_in_place(path: str | os.PathLike[str], data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_TRUNC)
    try:
        _write(descriptor, data)
    finally:
        os.close(descriptor)


def _is_replaceable(path: str | os.PathLike[str], found: os.stat_result) -> bool:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not stat.S_ISREG(found.st_mode):
        return False
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))
    place = os.path.realpath(path)
    # Elsewhere the folder takes no new file, but the old one may be written.
    return os.access(os.path.dirname(place), os.W_OK)


def _resemble(descriptor: int, other: os.stat_result) -> None:
    if sys.platform != "win32":
        try:
            os.fchown(descriptor, other.st_uid, other.st_gid)
        except PermissionError:
            with contextlib.suppress(PermissionError):
                os.fchown(descriptor, -1, other.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(other.st_mode))


def partial_stem(name: str) -> str:
    """Return what names beside a place begin with: its own name, or one that leaves room for more.

    It is that of the engine, so that each removes what the other left. A name that no file system
    takes stays as it is, and is refused before the work.
    """
    data = os.fsencode(name)
    if not _STEM < len(data) <= _LONGEST:
        return name
    end = _STEM - 17
    while end > 0 and data[end] & 0xC0 == 0x80:  # not inside of a character
        end -= 1
    digest = 0xCBF29CE484222325  # FNV-1a of 64 bits
    for byte in data:
        digest = (digest ^ byte) * 0x100000001B3 % 2**64
    return f"{os.fsdecode(data[:end])}~{digest:016x}"


@contextlib.contextmanager
def _beside(place: str) -> Iterator[tuple[int, str]]:
    descriptor, partial = _create(place)
    try:
        yield descriptor, partial
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)
        raise
    finally:
        os.close(descriptor)


def _create(place: str) -> tuple[int, str]:
    """Create a file beside a place; it is locked as long as this process writes it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    folder, name = os.path.split(place)
    stem = os.path.join(folder, partial_stem(name))
    while True:
        partial = f"{stem}.{os.getpid()}-{next(_counter)}.partial"
        try:
            descriptor = os.open(partial, flags, 0o666)
        except FileExistsError:
            # A process that was killed had the same number, as in a container it mostly has.
            continue
        # Somebody who removes leftovers may have found it before it was locked.
        if not _lock(descriptor, 0) or _leads(partial, descriptor):
            return descriptor, partial
        os.close(descriptor)


def _remove_leftovers(place: str) -> None:
    """Remove partial files of a place whose locks are free: their writers live no more."""
    folder, name = os.path.split(place)
    pattern = re.compile(rf"{re.escape(partial_stem(name))}\.[0-9]+-[0-9]+\.partial")
    with contextlib.suppress(OSError):
        for found in filter(pattern.fullmatch, os.listdir(folder)):
            partial = os.path.join(folder, found)
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
            descriptor = os.open(partial, flags)
            try:
                regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
                if regular and _lock(descriptor, fcntl.LOCK_NB) and _leads(partial, descriptor):
                    os.unlink(partial)
            finally:
                os.close(descriptor)


def _lock(descriptor: int, waiting: int) -> bool:
    """Take the lock of a file; not every file system has locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | waiting)
    except OSError:
        return False
    return True


def _leads(path: str, descriptor: int) -> bool:
    """Whether a name still leads to what was opened."""
    with contextlib.suppress(OSError):
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    return False


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
