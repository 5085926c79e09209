"""Processes that are made to fail, so that this one does not have to."""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any

from defib import _commands, _native


def start(work: Callable[[], object]) -> tuple[int, int]:
    """Fork a process that loads the engine, says so, and does some work.

    Returns:
        Its number, and a descriptor where a byte comes when it begins and the end of file when it
        has ended.
    """
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        _end(work, writer)
    os.close(writer)
    return process, reader


def _end(work: Callable[[], object], writer: int) -> None:
    status = 1
    try:
        _native.library()
        os.write(writer, b".")
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        # No exit handlers: they belong to the process that was forked.
        os._exit(status)


def result(work: Callable[[], Any]) -> Any:
    """Return what a function returns in a process of its own.

    Raises:
        RuntimeError: it raised, or its process died; the text is on standard error.
    """
    reader, writer = os.pipe()

    def send() -> None:
        with os.fdopen(writer, "wb") as target:
            pickle.dump(work(), target)

    process, ready = start(send)
    os.close(writer)
    with os.fdopen(reader, "rb") as source:
        data = source.read()
    _, status = os.waitpid(process, 0)
    os.close(ready)
    if status != 0:
        raise RuntimeError(f"a process ended with status {status}")
    return pickle.loads(data)


def command(*arguments: str) -> tuple[int, str]:
    """Run `defib` in this process; return its status and what it wrote on standard error."""
    with tempfile.TemporaryFile() as told:
        kept, words = os.dup(2), sys.argv
        os.dup2(told.fileno(), 2)
        sys.argv = ["defib", *arguments]
        try:
            status = _commands.defib()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            sys.argv = words
        told.seek(0)
        return status, told.read().decode("utf-8", "replace")
