"""Turns what a script holds into NumPy arrays that the engine can read, without copying data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .._errors import ExportError

Array = npt.NDArray[Any]


def is_tensor(value: object) -> bool:
    """Whether the value is a tensor of PyTorch, told without importing PyTorch."""
    return any(
        kind.__module__ == "torch" and kind.__name__ == "Tensor" for kind in type(value).__mro__
    )


def as_array(value: Any, what: str) -> Array:
    """View a value as an array of numbers.

    A NumPy array (a memory-mapped one too) and a tensor in the memory of the CPU come back over
    the same memory. bfloat16, which NumPy lacks, becomes float32, and longer floats float64.

    Raises:
        ExportError: it is not an array of real numbers; `what` is what the message calls it.
    """
    if is_tensor(value):
        value = _from_tensor(value, what)
    if not isinstance(value, np.ndarray) and hasattr(value, "toarray"):
        raise ExportError(f"{what} is sparse ({type(value).__name__}); pass {what}.toarray()")
    if isinstance(value, np.ma.MaskedArray):
        raise ExportError(f"{what} is a masked array; pass {what}.filled(value)")
    try:
        array = value if isinstance(value, np.ndarray) else np.asarray(value)
    except (TypeError, ValueError) as error:
        raise ExportError(
            f"{what} is not an array of numbers, but {type(value).__name__}: {error}"
        ) from error
    return _numbers(array, what)


def _from_tensor(tensor: Any, what: str) -> Array:
    if getattr(tensor, "layout", None) is not None and "strided" not in str(tensor.layout):
        raise ExportError(f"{what} is a sparse tensor; pass {what}.to_dense()")
    if tensor.is_meta or type(tensor).__name__.startswith("Uninitialized"):
        raise ExportError(f"{what} has no values yet; run the model once before exporting it")
    if getattr(tensor, "is_quantized", False):
        raise ExportError(f"{what} is quantized; export the model before quantizing it")
    tensor = tensor.detach().cpu()
    if str(tensor.dtype) == "torch.bfloat16" or "float8" in str(tensor.dtype):
        tensor = tensor.float()
    array: Array = tensor.resolve_conj().resolve_neg().numpy()
    return array


def _numbers(array: Array, what: str) -> Array:
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "f" and size > 8:
        return array.astype(np.float64)
    if kind in "biuf":
        return array
    if kind == "V" and "float" in array.dtype.name:  # bfloat16 and its like, from ml_dtypes
        return array.astype(np.float32)
    if kind in "US":
        advice = "encode it as numbers, such as class indices"
    elif kind == "O":
        advice = "expected one numeric type and rows of one length"
    else:
        advice = "expected bool, integer or float"
    raise ExportError(f"{what} has elements of type {array.dtype}; {advice}")


def _is_array_like(value: object) -> bool:
    return hasattr(value, "shape") and len(getattr(value, "shape", ())) >= 1


def named_arrays(value: Any, names: Sequence[str], what: str) -> dict[str, Array]:
    """Give each array of `value` its name: an array, a list of arrays, or a dict.

    A list stands for several arrays when there is one for each name; otherwise it is taken for
    the rows of a single array.
    """
    if isinstance(value, Mapping):
        strangers = [str(key) for key in value if key not in names]
        missing = [name for name in names if name not in value]
        if strangers or missing:
            raise ExportError(f"{what} names {list(value)}; expected {list(names)}")
        return {name: _rows(value[name], f"{what}[{name!r}]") for name in names}
    if isinstance(value, (list, tuple)) and all(_is_array_like(item) for item in value):
        if len(value) == len(names):
            pairs = zip(names, value, strict=True)
            return {name: _rows(item, f"{what}[{i}]") for i, (name, item) in enumerate(pairs)}
        if len(names) > 1:
            raise ExportError(
                f"{what} holds {len(value)} arrays; expected {len(names)}: {', '.join(names)}"
            )
    if len(names) != 1:
        raise ExportError(f"{what} is one array; expected {len(names)}: {', '.join(names)}")
    return {names[0]: _rows(value, what)}


def _rows(value: Any, what: str) -> Array:
    array = as_array(value, what)
    if array.ndim == 0:
        raise ExportError(f"{what} is a single number; expected an array with one row per sample")
    if array.shape[0] == 0:
        raise ExportError(f"{what} has no rows: its shape is {array.shape}")
    return array


def count(value: Any, rows: int) -> int:
    """How many arrays a value for `y` holds: several only if each has `rows` rows."""
    if isinstance(value, (list, tuple)) and value and all(_is_array_like(v) for v in value):
        return len(value) if all(len(item) == rows for item in value) else 1
    return 1


def same_rows(arrays: Mapping[str, Array], what: str = "") -> int:
    """Check that all arrays have the same number of rows, and return it."""
    rows = {name: array.shape[0] for name, array in arrays.items()}
    if len(set(rows.values())) > 1:
        found = ", ".join(f"{name} has {n} rows" for name, n in rows.items())
        raise ExportError(f"{what}{found}; expected one row per sample in each")
    return int(next(iter(rows.values())))
