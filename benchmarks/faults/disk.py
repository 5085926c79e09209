"""Disks that are full: a small one of their own where that is allowed, else a limit on files."""

from __future__ import annotations

import ctypes
import os
import random
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from . import children
from .found import Found
from .writers import WRITERS, DamagedError, Writer

_NEWNS, _REC, _PRIVATE, _REMOUNT = 0x20000, 0x4000, 0x40000, 0x20
PAGE = 4096


def disks(sizes: int, seed: int, tell: Callable[[str], None]) -> Found:
    """Write onto disks of many sizes: each ends well, or in a message with everything as it was."""
    found = Found()
    try:
        mounts = children.result(_can_mount)
    except RuntimeError:
        mounts = False
    found.note = "on small disks, and under limits on files" if mounts else "under limits on files"
    for writer in WRITERS:
        rng = random.Random(seed)
        with TemporaryDirectory(prefix="defib-faults-") as name:
            folder = Path(name)
            for number, full in enumerate([_small, _limited] if mounts else [_limited]):
                place = folder / str(number)
                place.mkdir()
                tell(f"full disks: {writer.name}")
                shares = [rng.random() for _ in range(sizes)]
                results = children.result(partial(_series, writer, place, full, shares))
                found.cases += len(results)
                found.faults += [f"full disk, {writer.name}: {text}" for text in results if text]
    return found


Full = Callable[[Path, int], Iterator[None]]


def _series(writer: Writer, folder: Path, full: Full, shares: list[float]) -> list[str]:
    """Do a writer at some sizes, as shares of what it needs; return what is wrong with each."""
    if full is _small:
        _mount(folder, 1 << 30)
    writer.prepare(folder)
    children.result(lambda: writer.write(folder, 0))
    expected, needed = set(os.listdir(folder)), _size(folder / writer.place, full is _small)
    results = []
    for share in shares:
        if not writer.replaces:
            _clear(folder / writer.place)
        room = int(1.3 * share * needed)
        text = children.result(partial(_once, writer, folder, full, room))
        more = set(os.listdir(folder)) - expected
        results.append(text or (f"{room} bytes left {', '.join(sorted(more))}" if more else ""))
        children.result(lambda: _restored(writer, folder))
    return results


def _once(writer: Writer, folder: Path, full: Full, room: int) -> str:
    """Write the new version with room for so many bytes; return what is wrong, or nothing."""
    import defib

    error = None
    with contextmanager(full)(folder, room):
        try:
            writer.write(folder, 1)
        except (defib.DefibError, OSError) as caught:
            error = str(caught)
    try:
        version = writer.version(folder)
    except DamagedError as damage:
        return f"with {room} bytes: {damage}"
    if error is None:
        return "" if version == 1 else f"with {room} bytes: no error, and nothing written"
    if version not in ((0,) if writer.replaces else (None,)):
        return f"with {room} bytes: {error}; and yet version {version} is there"
    clear = "No space left" in error or "File too large" in error
    return "" if clear else f"with {room} bytes the error is not clear: {error}"


def _restored(writer: Writer, folder: Path) -> None:
    if not writer.replaces:
        _clear(folder / writer.place)
    writer.write(folder, 0)


def _limited(_: Path, room: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _small(folder: Path, room: int) -> Iterator[None]:
    used = os.statvfs(folder)
    pages = used.f_blocks - used.f_bfree + room // PAGE
    _mount(folder, pages * PAGE, _REMOUNT)
    try:
        yield
    finally:
        _mount(folder, 1 << 30, _REMOUNT)


def _can_mount() -> bool:
    with TemporaryDirectory() as folder:
        try:
            _mount(Path(folder), 1 << 20)
        except OSError:
            return False
        _libc().umount2(os.fsencode(folder), 2)
    return True


def _mount(folder: Path, size: int, flags: int = 0) -> None:
    """Mount a disk that this process and its children alone see, and that ends with them."""
    libc = _libc()
    if not flags:
        _checked(libc.unshare(_NEWNS), folder)
        _checked(libc.mount(b"none", b"/", None, _REC | _PRIVATE, None), folder)
    text = f"size={size}".encode()
    _checked(libc.mount(b"defib", os.fsencode(folder), b"tmpfs", flags, text), folder)


def _checked(status: int, folder: Path) -> None:
    if status != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    text, number = ctypes.c_char_p, ctypes.c_ulong
    libc.mount.argtypes = [text, text, text, number, text]
    return libc


def _size(path: Path, pages: bool) -> int:
    """The bytes of all files, or those of the largest one, which is what a limit is about."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    sizes = [file.stat().st_size for file in files]
    return sum(size + PAGE for size in sizes) if pages else max(sizes)


def _clear(path: Path) -> None:
    import shutil

    shutil.rmtree(path, ignore_errors=True)
