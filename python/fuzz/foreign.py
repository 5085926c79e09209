"""Arrays as a careless caller of the C interface describes them.

What is promised about memory stays true: no pointer leads to less than its shape says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import byref, c_int64, c_void_p
from random import Random
from typing import Any

from defib import _engine, _native

from . import values
from .subject import Array


@contextmanager
def foreign(rng: Random, text: str, arrays: Mapping[str, Array]) -> Iterator[c_void_p]:
    """Make a run from arrays one or two of which are described oddly."""
    kept: list[Any] = []
    table = (_native.Array * max(len(arrays), 1))()
    for entry, (path, array) in zip(table, arrays.items(), strict=False):
        _engine._describe(entry, path, array, kept)
    for entry in rng.sample(list(table), min(len(table), rng.choice([1, 1, 2]))):
        _spoil(rng, entry, kept)
    data = text.encode(errors="surrogatepass")
    handle = c_void_p()
    count = rng.choice([len(arrays)] * 6 + [0, max(len(arrays) - 1, 0)])
    _native.call("defib_run_create", data, len(data), table, count, byref(handle))
    yield handle


def _spoil(rng: Random, entry: _native.Array, kept: list[Any]) -> None:
    kind = rng.randrange(10)
    if kind == 0:
        entry.dtype = rng.choice([b"", b"<f3", b"f", b"float32", b"\xff", b"|O", b"<f" + b"4" * 99])
    elif kind == 1:
        entry.path = rng.choice([b"", b"../x", b"\xff\xfe", b"/etc/hostname", b"a" * 5000, None])
    elif kind == 2:
        # No memory at all, whatever the shape.
        entry.data = None
        shape = (c_int64 * 3)(*(min(max(values.whole(rng), -(2**63)), 2**63 - 1) for _ in "abc"))
        kept.append(shape)
        entry.shape, entry.ndim, entry.strides = shape, rng.randint(0, 3), None
    elif kind == 3:
        shape = (c_int64 * 40)(*[1] * 40)
        kept.append(shape)
        entry.shape, entry.ndim, entry.strides = shape, rng.choice([9, 33, 40]), None
    elif kind == 4:
        # One element, repeated without memory: steps of zero bytes.
        shape = (c_int64 * 2)(rng.choice([1, 1000, 2**20, 2**31, 2**62]), rng.choice([1, 3]))
        steps = (c_int64 * 2)(0, 0)
        kept.extend([shape, steps])
        if entry.ndim and entry.data and b"data/" not in (entry.path or b""):
            entry.shape, entry.strides, entry.ndim = shape, steps, 2
    elif kind == 5:
        entry.total_rows = min(max(values.whole(rng), -(2**63)), 2**63 - 1)
        entry.first_row = min(max(values.whole(rng), -(2**63)), 2**63 - 1)
    elif kind == 6:
        entry.size = rng.choice([0, 1, 8, 72])
    elif kind == 7:
        entry.ndim = 0
    elif kind == 8:
        entry.shape = None
    else:
        entry.dtype = None
