"""The commands `defib` and `npyinspect`: the engine has them, these hand over the arguments."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from . import _native
from ._errors import EngineError


def defib() -> int:
    """Run `defib` with the arguments of the process, and return its exit status."""
    return _run("defib")


def npyinspect() -> int:
    """Run `npyinspect` with the arguments of the process, and return its exit status."""
    return _run("npyinspect")


def _run(name: str) -> int:
    try:
        library = _native.library()
        if not _native.has("defib_command_run"):
            raise EngineError("this engine has no commands; install it and the package together")
    except EngineError as error:
        print(f"{name}: error: {error}", file=sys.stderr)
        return 2
    # As for a program of its own: Python would stop only after the engine has ended, and ignores a
    # reader that goes away.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    words = [os.fsencode(word) for word in (name, *sys.argv[1:])]
    array = (ctypes.c_char_p * len(words))(*words)
    return int(library.defib_command_run(len(words), array))
