"""Changes to arrays: shapes, element types, values, and the headers of files."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from ..subject import Array, Subject

DTYPES = ["<f4", "<f8", ">f4", ">f8", "<f2", "<i8", "<i4", ">i2", "u1", "i1", "?", "<u8", "<u2"]
ODD_DTYPES = ["<c8", "<U3", "S2", "<M8[s]", "<f16", "V3"]
VALUES: list[Any] = [
    0, 1, -1, 2, 1e-40, 1e-30, 1e30, 3e38, -3e38, 1e300, np.nan, np.inf, -np.inf, 2.5, 1e15, 127,
]  # fmt: skip


def _path(rng: Random, subject: Subject) -> str | None:
    return rng.choice(sorted(subject.arrays)) if subject.arrays else None


def _cast(array: Array, dtype: str) -> Array:
    with np.errstate(all="ignore"):
        return array.astype(dtype)


def shape(rng: Random, subject: Subject) -> None:
    """Give an array another shape: fewer or more of an axis, an axis more or less, nothing."""
    path = _path(rng, subject)
    if path is None:
        return
    array = subject.arrays[path]
    kind = rng.randrange(7)
    if kind == 0 and array.ndim:
        axis = rng.randrange(array.ndim)
        length = rng.choice([0, 0, 1, 1, 2, max(array.shape[axis] - 1, 0)])
        subject.arrays[path] = array.take(range(min(length, array.shape[axis])), axis)
    elif kind == 1 and array.ndim:
        subject.arrays[path] = np.repeat(array, rng.choice([2, 3]), rng.randrange(array.ndim))
    elif kind == 2:
        subject.arrays[path] = array.reshape(-1)
    elif kind == 3:
        subject.arrays[path] = np.expand_dims(array, rng.randint(0, array.ndim))
    elif kind == 4:
        subject.arrays[path] = np.array(array.T)
    elif kind == 5:
        subject.arrays[path] = array.reshape(array.shape + (1,) * rng.choice([4, 12, 20]))
    else:
        sizes = [(0,), (0, 0), (1, 0), (0, 5), (5, 0), (), (1,), (1, 1)]
        subject.arrays[path] = np.zeros(rng.choice(sizes), array.dtype)


def rows(rng: Random, subject: Subject) -> None:
    """Give all data, or all validation data, so many rows."""
    section = rng.choice(["data", "data", "validation"])
    paths = [p for p in subject.arrays if p.startswith(section)]
    count = rng.choice([0, 1, 1, 2, 3, 5, 9, 17, 33])
    for path in paths:
        array = subject.arrays[path]
        if array.ndim and len(array):
            subject.arrays[path] = array[np.arange(count) % len(array)]


def columns(rng: Random, subject: Subject) -> None:
    """Give inputs or targets so many columns, none among them, the validation's too."""
    names = sorted({p.rpartition("/")[2] for p in subject.arrays if p.startswith("data/")})
    if not names:
        return
    name, count = rng.choice(names), rng.choice([0, 0, 1, 2, 7])
    for folder in ("data", "validation"):
        path = f"{folder}/{name}"
        if path in subject.arrays:
            array = subject.arrays[path]
            flat = array.reshape(len(array), -1) if array.ndim and array.size else np.zeros((3, 1))
            subject.arrays[path] = flat[:, np.arange(count) % flat.shape[1]]


def dtype(rng: Random, subject: Subject) -> None:
    """Give an array another type of elements, or the other order of bytes."""
    path = _path(rng, subject)
    if path is None:
        return
    chosen = rng.choice(DTYPES) if rng.random() < 0.8 else rng.choice(ODD_DTYPES)
    try:
        subject.arrays[path] = _cast(subject.arrays[path], chosen)
    except (TypeError, ValueError):
        subject.arrays[path] = np.zeros(subject.arrays[path].shape, chosen)


def value(rng: Random, subject: Subject) -> None:
    """Set some elements of an array, or all of them, to an extreme."""
    path = _path(rng, subject)
    if path is None or not subject.arrays[path].size:
        return
    array = subject.arrays[path].copy()
    if array.dtype.kind not in "fiub":
        return
    new = rng.choice(VALUES)
    with np.errstate(all="ignore"):
        if array.dtype.kind in "iu" and not np.isfinite(new):
            array = array.astype(np.float64)
        limit = np.iinfo(array.dtype) if array.dtype.kind in "iu" else None
        new = new if limit is None else min(max(int(new), limit.min), limit.max)
        if rng.random() < 0.4:
            array[...] = new
        elif array.ndim and rng.random() < 0.5:
            array[..., rng.randrange(array.shape[-1])] = new
        else:
            array.reshape(-1)[rng.randrange(array.size)] = new
    subject.arrays[path] = array


def pattern(rng: Random, subject: Subject) -> None:
    """Repeat a row, scale an array, round it, or draw it from 0 and 1."""
    path = _path(rng, subject)
    if path is None or not subject.arrays[path].size or not subject.arrays[path].ndim:
        return
    array = subject.arrays[path]
    if array.dtype.kind not in "fiub":
        return
    kind = rng.randrange(5)
    with np.errstate(all="ignore"):
        if kind == 0:
            array = np.repeat(array[:1], len(array), axis=0)
        elif kind == 1:
            array = array * rng.choice([1e-30, 1e-6, 1e6, 1e20])
        elif kind == 2:
            array = np.round(array.astype(np.float64))
        elif kind == 3:
            array = (np.arange(array.size) % 2).reshape(array.shape).astype(np.int64)
        else:
            array = array[::-1].copy()
    subject.arrays[path] = array


def exchange(rng: Random, subject: Subject) -> None:
    """Let two arrays change places, or stand in for each other."""
    if len(subject.arrays) < 2:
        return
    first, second = rng.sample(sorted(subject.arrays), 2)
    arrays = subject.arrays
    if rng.random() < 0.5:
        arrays[first], arrays[second] = arrays[second], arrays[first]
    else:
        arrays[first] = arrays[second]


def header(rng: Random, subject: Subject) -> None:
    """Write a file whose header promises another shape than there are bytes, or the bytes too."""
    path = _path(rng, subject)
    if path is None:
        return
    shapes = [
        f"({2**40}, 0)", f"(0, {2**40})", f"({2**62}, {2**62})", "(-3, 4)", f"({2**31},)",
        f"({2**63},)", "(3, 4", "()", f"({2**20}, 0, 3)", "(1,)" , "'wild'", f"({10**30},)",
        "(" + "1, " * 70 + ")",
    ]  # fmt: skip
    descr = rng.choice(["'<f4'", "'<f8'", "'|u1'", "'|O'", "'<f3'", "''", "[('a', '<f4')]"])
    chosen = rng.choice(shapes)
    text = f"{{'descr': {descr}, 'fortran_order': {rng.choice(['False', 'True', '1'])}, "
    text += f"'shape': {chosen}, }}"
    text += " " * (-(10 + len(text) + 1) % 64) + "\n"
    subject.raw[path] = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()
    subject.lengths[path] = rng.choice([0, 0, 12, 4096, 2**31 * 4, 2**31])


def missing(rng: Random, subject: Subject) -> None:
    """Take an array away, or leave part of its file."""
    path = _path(rng, subject)
    if path is None:
        return
    if rng.random() < 0.3:
        del subject.arrays[path]
    else:
        content = [b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00\xff\xff", b"PK\x03\x04" + bytes(90)]
        subject.raw[path] = rng.choice(content)


ALL = [shape, rows, columns, dtype, value, value, pattern, exchange, header, missing]
