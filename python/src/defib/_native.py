"""The engine's C interface (defib.h) for ctypes: one table, two structures, one way to call.

Nothing is loaded before the first call, so `import defib` works without the library.
"""

from __future__ import annotations

import ctypes
import os
import threading
import warnings
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_float,
    c_int32,
    c_int64,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path
from typing import Any

from ._errors import DefibWarning, EngineError, error_for
from ._variants import advice, variant

ABI_MAJOR, ABI_MINOR = 1, 6
OUTPUTS, GRADIENTS, LOSSES = 0, 1, 2

#: `int32_t (*)(void *context, const char *stage, uint64_t done, uint64_t total)`
Progress = CFUNCTYPE(c_int32, c_void_p, c_char_p, c_uint64, c_uint64)


#: `int32_t (*)(void *context, const int64_t *rows, size_t count, float *target)`
Read = CFUNCTYPE(c_int32, c_void_p, POINTER(c_int64), c_size_t, POINTER(c_float))


class Array(Structure):
    """`defib_array`: one borrowed array."""

    _fields_ = [
        ("size", c_size_t),
        ("path", c_char_p),
        ("data", c_void_p),
        ("dtype", c_char_p),
        ("ndim", c_size_t),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("total_rows", c_int64),
        ("first_row", c_int64),
        ("read", Read),
        ("context", c_void_p),
    ]


class ShardRequest(Structure):
    """`defib_shard_request`: all lanes of one pass."""

    _fields_ = [
        ("size", c_size_t),
        ("stage", c_char_p),
        ("pass_", c_void_p),
        ("pass_size", c_size_t),
        ("lanes", c_size_t),
        ("rows", POINTER(c_int64)),
        ("paths", POINTER(c_char_p)),
        ("path_count", c_size_t),
        ("shards", c_void_p),
    ]


#: `int32_t (*)(void *context, const defib_shard_request *request)`
Executor = CFUNCTYPE(c_int32, c_void_p, POINTER(ShardRequest))


class Options(Structure):
    """`defib_options`: zero means the default in every field."""

    _fields_ = [
        ("size", c_size_t),
        ("workers", c_int32),
        ("initial", c_int32),
        ("progress", Progress),
        ("context", c_void_p),
        ("settings", c_char_p),
        ("executor", Executor),
        ("executor_context", c_void_p),
        ("memory", c_uint64),
    ]


_STATUS = c_int32
_HANDLE = c_void_p
_OUT = POINTER(c_void_p)
_OPTIONS = POINTER(Options)

#: name -> (result, arguments), in the order of the header.
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "defib_abi_version": (c_uint32, []),
    "defib_version": (c_char_p, []),
    "defib_last_error": (c_char_p, []),
    "defib_text_data": (c_void_p, [_HANDLE]),
    "defib_text_size": (c_size_t, [_HANDLE]),
    "defib_text_free": (None, [_HANDLE]),
    "defib_run_open": (_STATUS, [c_char_p, _OUT]),
    "defib_run_create": (_STATUS, [c_char_p, c_size_t, POINTER(Array), c_size_t, _OUT]),
    "defib_run_free": (None, [_HANDLE]),
    "defib_run_open_with": (_STATUS, [c_char_p, _OPTIONS, _OUT]),
    "defib_run_create_with": (
        _STATUS,
        [c_char_p, c_size_t, POINTER(Array), c_size_t, _OPTIONS, _OUT],
    ),
    "defib_shard_run": (
        _STATUS,
        [_HANDLE, c_void_p, c_size_t, c_size_t, c_size_t, _OPTIONS, _OUT],
    ),
    "defib_shards_deliver": (_STATUS, [_HANDLE, c_void_p, c_size_t]),
    "defib_check": (_STATUS, [_HANDLE, _OPTIONS, _OUT]),
    "defib_report_read": (_STATUS, [c_char_p, c_size_t, _OUT]),
    "defib_report_render": (_STATUS, [_HANDLE, c_char_p, _OUT]),
    "defib_report_weight_count": (c_size_t, [_HANDLE]),
    "defib_report_weight": (_STATUS, [_HANDLE, c_size_t, POINTER(Array)]),
    "defib_report_free": (None, [_HANDLE]),
    "defib_replay_run": (_STATUS, [_HANDLE, _OPTIONS, _OUT]),
    "defib_replay_count": (c_size_t, [_HANDLE, c_int32]),
    "defib_replay_array": (_STATUS, [_HANDLE, c_int32, c_size_t, POINTER(Array)]),
    "defib_replay_free": (None, [_HANDLE]),
    "defib_vitals": (_STATUS, [_HANDLE, _OPTIONS, _OUT]),
    "defib_inspect": (_STATUS, [c_char_p, _OPTIONS, _OUT]),
    "defib_inspect_array": (_STATUS, [POINTER(Array), _OPTIONS, _OUT]),
    "defib_catalogue": (_STATUS, [_OUT]),
    "defib_command_run": (c_int32, [c_int32, POINTER(c_char_p)]),
}

#: What an engine of a lower minor version lacks; `has` tells.
LATER = {
    "defib_run_open_with",
    "defib_run_create_with",
    "defib_report_read",
    "defib_report_weight_count",
    "defib_report_weight",
    "defib_command_run",
    "defib_inspect_array",
}

_lock = threading.Lock()
_loaded: ctypes.CDLL | None = None


def library_path() -> Path:
    """Find the engine: DEFIB_LIBRARY, or else the file beside this module; nowhere else."""
    named = os.environ.get("DEFIB_LIBRARY")
    if named:
        path = Path(named)
        if not path.is_file():
            raise EngineError(f"DEFIB_LIBRARY names {path}, and there is no such file")
        return path.absolute()
    path = Path(__file__).with_name("libdefib.so")
    if path.is_file():
        return path
    chosen = variant(path.parent)
    if chosen is None:
        raise EngineError(
            f"the engine is missing: expected {path}. In a clone of the repository run "
            "'make build', or set DEFIB_LIBRARY to the path of libdefib.so"
        )
    return chosen


def library() -> ctypes.CDLL:
    """Return the loaded engine, with every function of the table declared."""
    global _loaded
    with _lock:
        if _loaded is None:
            _loaded = _load(library_path())
        return _loaded


def _load(path: Path) -> ctypes.CDLL:
    try:
        lib = ctypes.CDLL(str(path))
    except OSError as error:
        raise EngineError(f"the engine {path} cannot be loaded: {error}{advice(error)}") from error
    for name, (restype, argtypes) in FUNCTIONS.items():
        try:
            function = getattr(lib, name)
        except AttributeError:
            if name in LATER:
                continue
            raise EngineError(f"{path} has no function {name}: not a Defib engine") from None
        function.restype, function.argtypes = restype, argtypes
    check_abi(lib.defib_abi_version(), path)
    return lib


def check_abi(version: int, path: Path) -> None:
    """Refuse another major version of the interface; warn about a lower minor one."""
    major, minor = version >> 16, version & 0xFFFF
    if major != ABI_MAJOR:
        raise EngineError(
            f"{path} speaks version {major}.{minor} of the interface, "
            f"this package needs {ABI_MAJOR}.{ABI_MINOR}; install both from one release"
        )
    if minor < ABI_MINOR:
        warnings.warn(
            f"{path} speaks version {major}.{minor} of the interface and this package "
            f"{ABI_MAJOR}.{ABI_MINOR}: newer features will fail",
            DefibWarning,
            stacklevel=2,
        )


def has(name: str) -> bool:
    """Whether the engine has a function that came with a later minor version."""
    return getattr(library(), name, None) is not None


def call(name: str, *arguments: Any) -> None:
    """Call a function that returns a status; raise what it reports.

    The message belongs to this thread until its next call, so it is copied here and now.
    """
    lib = library()
    status = getattr(lib, name)(*arguments)
    if status != 0:
        message = lib.defib_last_error() or b""
        raise error_for(status, message.decode("utf-8", "replace"))
