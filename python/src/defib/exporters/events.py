"""Event files of TensorBoard, read without TensorBoard."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from .._errors import ExportError

#: What the wire format of protocol buffers calls its kinds of fields.
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_FLOAT, _DOUBLE = 1, 2


def scalars(path: Path) -> Iterator[tuple[str, int, float]]:
    """Yield the tag, the step and the value of each scalar of an event file, as they were written.

    A file that ends in the middle of a record, as one of a run that was killed, is read up to it.

    Raises:
        ExportError: it is no event file.
    """
    for record in _records(path):
        step, held = 0, []
        try:
            for field, kind, value in _fields(record):
                if (field, kind) == (2, _VARINT):
                    step = _number(value)
                elif (field, kind) == (5, _BYTES):
                    held += [v for f, k, v in _fields(_raw(value)) if (f, k) == (1, _BYTES)]
            for value in held:
                tag, number = _scalar(_raw(value))
                if number is not None:
                    yield tag, step, number
        except (IndexError, struct.error, ValueError) as error:
            raise ExportError(f"{path} is not an event file of TensorBoard: {error}") from error


def _records(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    place = 0
    # A record is its length (8 bytes), a checksum (4), the bytes, and another checksum (4).
    while place + 12 <= len(data):
        (length,) = struct.unpack_from("<Q", data, place)
        end = place + 12 + length
        if end + 4 > len(data):
            if place == 0:
                raise ExportError(f"{path} is not an event file of TensorBoard: it ends too early")
            return
        yield data[place + 12 : end]
        place = end + 4


def _fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Yield the number, the kind and the value of each field of a message."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            number, place = _varint(data, place)
            yield field, kind, number
            continue
        if kind == _BYTES:
            length, place = _varint(data, place)
        elif kind in (_EIGHT, _FOUR):
            length = 8 if kind == _EIGHT else 4
        else:
            raise ValueError(f"a field of kind {kind}")
        if place + length > len(data):
            raise ValueError("a field that is longer than its record")
        yield field, kind, data[place : place + length]
        place += length


def _varint(data: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while shift < 64:
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, place
        shift += 7
    raise ValueError("a number of more than 64 bits")


def _number(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise ValueError("text in the place of a number")
    return value


def _raw(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number in the place of a message")
    return value


def _scalar(data: bytes) -> tuple[str, float | None]:
    """Return the tag and the number of a value of a summary; None: it is no scalar."""
    tag, number = "", None
    for field, kind, value in _fields(data):
        if (field, kind) == (1, _BYTES):
            tag = _raw(value).decode("utf-8", "replace")
        elif (field, kind) == (2, _FOUR):
            number = float(struct.unpack("<f", _raw(value))[0])
        elif (field, kind) == (8, _BYTES):
            number = _tensor(_raw(value))
    return tag, number


def _tensor(data: bytes) -> float | None:
    """Return the only number of a tensor; None: it holds something else."""
    found = list(_fields(data))
    kind = next((_number(v) for f, k, v in found if (f, k) == (1, _VARINT)), 0)
    form = {_FLOAT: "<f", _DOUBLE: "<d"}.get(kind)
    if form is None:
        return None
    # Its bytes (4), or lists of floats (5) and of doubles (6).
    for field, wire, value in found:
        is_number = wire == _BYTES and field in (4, 5, 6)
        if (is_number or wire in (_FOUR, _EIGHT)) and len(_raw(value)) == struct.calcsize(form):
            return float(struct.unpack(form, _raw(value))[0])
    return None
