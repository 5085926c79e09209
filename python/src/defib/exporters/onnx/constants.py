"""Writes what is known before any data into a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import Array, as_array
from ..document import RunDocument

#: Longer lists become files.
INLINE = 64
#: The engine computes in floating point: whole numbers beyond this one mean "to the end".
_FAR = 1 << 53


def readable(array: Array) -> Array:
    """Bring the small types that NumPy itself lacks (bfloat16, float8, int4) into ones it has."""
    if array.dtype.isbuiltin == 1 or array.dtype.kind in "OSU":
        return array
    name = array.dtype.name
    wide = np.float32 if "float" in name else np.uint8 if name.startswith("uint") else np.int8
    return array.astype(wide)


def clamped(array: Array) -> Array:
    """Bring the whole numbers that stand for "no end" into what a float64 holds exactly."""
    if array.dtype.kind not in "iu" or not array.size or array.dtype.itemsize < 8:
        return array
    if array.max() <= _FAR and (array.dtype.kind == "u" or array.min() >= -_FAR):
        return array
    return np.clip(array, 0 if array.dtype.kind == "u" else -_FAR, _FAR)


def add_constant(document: RunDocument, array: Array, *, name: str, node: str, layer: str) -> None:
    """Add a constant as the tensor `name`: in the graph itself when it is a short list or a number.

    Raises:
        ExportError: the elements are not numbers.
    """
    array = clamped(as_array(readable(array), name))
    short = array.ndim <= 1 and array.size <= INLINE
    if not short or (array.dtype.kind == "f" and not np.isfinite(array).all()):
        document.add_parameter(name, array, trainable=False)
        return
    kind = "float" if array.dtype.kind == "f" else "int"
    key = f"value_{kind}" if array.ndim == 0 else f"value_{kind}s"
    value: Any = array.astype(np.float64 if kind == "float" else np.int64).tolist()
    document.append("Constant", [], [name], name=node, layer=layer, attributes={key: value})
