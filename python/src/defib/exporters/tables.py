"""Tables of pandas, told without importing pandas."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import ExportError
from .arrays import Array
from .kinds import class_names

_TABLES = {"pandas.core.frame.DataFrame", "pandas.core.series.Series"}


def is_table(value: Any) -> bool:
    """Whether a value is a DataFrame or a Series of pandas."""
    kinds = class_names(value)
    return bool(kinds & (_TABLES | {"pandas.DataFrame", "pandas.Series"}))


def table_array(table: Any, what: str) -> Array:
    """Return the numbers of a table; missing ones become NaN.

    Raises:
        ExportError: a column holds no numbers; the message names it.
    """
    columns = list(table.items()) if hasattr(table, "columns") else [(table.name, table)]
    words = [str(name) for name, column in columns if not _is_numeric(column)]
    if words:
        raise ExportError(
            f"{what}: {', '.join(words)} {'holds' if len(words) == 1 else 'hold'} no numbers; "
            "encode them first, as pandas.get_dummies does"
        )
    if len({str(column.dtype) for _, column in columns}) == 1:
        array: Array = table.to_numpy()
        if array.dtype.kind in "biuf":
            return array
    return np.asarray(table.to_numpy(dtype=np.float64, na_value=np.nan))


def _is_numeric(column: Any) -> bool:
    kind = getattr(column.dtype, "kind", "O")
    return kind in "biuf" and "datetime" not in str(column.dtype)
