"""Puts a folder in the place of another in one step, while other processes do the same.

Three things keep writers apart:

- the lock of the folder around them, held only while a partial folder is made or put in place, or
  while leftovers of dead writers are collected;
- the lock of each partial folder, held as long as its writer lives: the kernel releases it
  whatever ends the writer, so a partial folder whose lock is free has no writer;
- the exchange of two names, which leaves no moment without a run, even for a process that is
  killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import functools
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from .._files import partial_stem

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
#: Errors of file systems and kernels that cannot exchange two names, or cannot lock a folder.
_UNABLE = {
    errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.ENOLCK,
    errno.EBADF, errno.EACCES,
}  # fmt: skip
#: What a run holds, and so all that a folder may hold to be taken for a partial run.
_CONTENT = {"run.json", "weights", "initial", "data", "validation", "history", "snapshots"}


class Partial:
    """A new folder beside `target`, which only this process may fill, place or remove.

    Raises:
        OSError: the folder cannot be made.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        target.parent.mkdir(parents=True, exist_ok=True)
        self.path = target.parent / f".{partial_stem(target.name)}.{secrets.token_hex(6)}.partial"
        with _locked(target.parent):
            self.path.mkdir()
            self._lock = _lock(self.path, wait=False)

    def place(self, allowed: Callable[[], None]) -> None:
        """Let the folder and what stands at `target` change places; then remove the latter.

        `allowed` is called when nobody else can place anything, and raises where it must not be.
        Whoever looks at `target` sees the old run or the new one, where the file system can
        exchange two names; elsewhere there is a moment with neither.

        Raises:
            OSError: it cannot be placed; what stands at `target` still does.
        """
        with _locked(self.target.parent) as held:
            if held:
                _recover(self.target)
            allowed()
            try:
                # Over nothing or over an empty folder.
                self.path.rename(self.target)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                _exchange(self.path, self.target)
                # Whatever a replaced run holds goes with it, also when this process is killed now.
                gone = self.path.with_suffix(".gone")
                with contextlib.suppress(FileNotFoundError):
                    self.path.rename(gone)
                    self.path = gone
        self.remove()

    def remove(self) -> None:
        """Remove what is left in the folder, and give its lock back."""
        _remove(self.path)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def sweep(target: Path) -> None:
    """Remove what dead writers of `target` left."""
    dead = []
    with _locked(target.parent) as held:
        if not held or not target.is_dir():
            return
        for path in _leftovers(target, "partial|old|gone"):
            # Its own writer may be removing it at this very moment.
            with contextlib.suppress(FileNotFoundError):
                lock = _lock(path, wait=False)
                if lock is not None:
                    dead.append((path, lock))
    for path, lock in dead:
        _remove(path)
        os.close(lock)


def _remove(folder: Path) -> None:
    """Remove a folder, folders in it included that may not be written to."""
    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.lexists(folder):
        return
    for path, _, _ in os.walk(folder):
        with contextlib.suppress(OSError):
            os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _leftovers(target: Path, suffixes: str) -> Iterator[Path]:
    """Find folders named as by a writer of `target`, with a run or parts of one in them."""
    stem = re.escape(partial_stem(target.name))
    pattern = re.compile(rf"\.{stem}\.[0-9a-f]{{12}}\.(?:{suffixes})")
    with contextlib.suppress(OSError):
        for entry in sorted(os.scandir(target.parent), key=lambda entry: entry.name):
            if not pattern.fullmatch(entry.name) or not entry.is_dir(follow_symlinks=False):
                continue
            with contextlib.suppress(OSError):
                content = {_whole(name) for name in os.listdir(entry.path)}
                if entry.name.endswith(".gone") or "run.json" in content or content <= _CONTENT:
                    yield Path(entry.path)


def _whole(name: str) -> str:
    """The name that a file gets when it is complete; the engine writes run.json that way."""
    return re.sub(r"^run\.json\.[0-9]+-[0-9]+\.partial$", "run.json", name)


def _recover(target: Path) -> None:
    """Put back a run that a killed writer had moved away; see `_exchange`."""
    if os.path.lexists(target):
        return
    for path in _leftovers(target, "old"):
        if (path / "run.json").is_file():
            path.rename(target)
            return


def _exchange(new: Path, target: Path) -> None:
    """Exchange two names; afterwards `new` is what stood at `target`, or is gone."""
    function = _renameat2()
    if function is not None:
        names = os.fsencode(new), os.fsencode(target)
        if function(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
            return
        code = ctypes.get_errno()
        if code not in _UNABLE:
            raise OSError(code, os.strerror(code), str(target))
    old = new.with_suffix(".old")
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise
    old.rename(new)


@functools.cache
def _renameat2() -> Callable[..., int] | None:
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
    function.restype = ctypes.c_int
    function.argtypes = [
        ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint,
    ]  # fmt: skip
    found: Callable[..., int] = function
    return found


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder; say whether there is one: not every file system has them."""
    lock = _lock(folder, wait=True)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            os.close(lock)


def _lock(folder: Path, *, wait: bool) -> int | None:
    """Return a descriptor that holds the lock of a folder; None where it is held or cannot be."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except PermissionError:
        return None  # a folder that may be written to but not read
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        if not wait and not _is_still(folder, descriptor):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
    except OSError as error:
        os.close(descriptor)
        if error.errno in _UNABLE or error.errno in (errno.EWOULDBLOCK, errno.ESTALE):
            return None
        raise
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _is_still(folder: Path, descriptor: int) -> bool:
    """Whether a name still leads to the folder that was opened, and not to another."""
    opened, now = os.fstat(descriptor), os.lstat(folder)
    same = (opened.st_dev, opened.st_ino) == (now.st_dev, now.st_ino)
    return same and stat.S_ISDIR(now.st_mode)
