"""Tables of pandas and polars, told without importing either, and the names of their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._errors import ExportError
from .arrays import Array
from .kinds import class_names

_PANDAS = {
    "pandas.core.frame.DataFrame", "pandas.core.series.Series",
    "pandas.DataFrame", "pandas.Series",
}  # fmt: skip
_POLARS = {"polars.dataframe.frame.DataFrame", "polars.series.series.Series"}
#: The most letters of a name that are kept.
_LETTERS = 1000


@dataclass(frozen=True)
class Columns:
    """What tables call their columns, laid out as the data is.

    Each is None, the names of one table, or a list or a dict of these.
    """

    x: Any = None
    y: Any = None


def is_table(value: Any) -> bool:
    """Whether a value is a DataFrame or a Series of pandas or of polars."""
    return bool(class_names(value) & (_PANDAS | _POLARS))


def table_array(table: Any, what: str) -> Array:
    """Return the numbers of a table; missing ones become NaN.

    Raises:
        ExportError: a column holds no numbers; the message names it.
    """
    columns = _columns(table)
    words = [str(name) for name, column in columns if not _is_numeric(column)]
    if words:
        raise ExportError(
            f"{what}: {', '.join(words)} {'holds' if len(words) == 1 else 'hold'} no numbers; "
            "encode them first, as get_dummies (pandas) and to_dummies (polars) do"
        )
    if _is_polars(table):
        return np.asarray(table.to_numpy())
    if len({str(column.dtype) for _, column in columns}) == 1:
        array: Array = table.to_numpy()
        if array.dtype.kind in "biuf":
            return array
    return np.asarray(table.to_numpy(dtype=np.float64, na_value=np.nan))


def named_columns(value: Any) -> Any:
    """Return what a table calls its columns, likewise for a list or a dict of tables.

    None: it is no table, or its columns are merely numbered.
    """
    if is_table(value):
        return _told([name for name, _ in _columns(value)])
    if isinstance(value, Mapping):
        held = {key: named_columns(item) for key, item in value.items()}
        return held if any(names is not None for names in held.values()) else None
    if isinstance(value, (list, tuple)) and any(is_table(item) for item in value[:64]):
        items = [named_columns(item) for item in value]
        return items if any(names is not None for names in items) else None
    return None


def placed(columns: Any, names: list[str]) -> dict[str, list[str]]:
    """Return the names of columns by those of the arrays, which `names` begins with in order."""
    if isinstance(columns, Mapping):
        by_name = {key: held for key, held in columns.items() if key in names}
        if not by_name and len(columns) == len(names) == 1:
            by_name = {names[0]: next(iter(columns.values()))}
        return {key: held for key, held in by_name.items() if _is_list(held)}
    if _is_list(columns):
        return dict.fromkeys(names[:1], columns)
    if isinstance(columns, list):
        return {name: held for name, held in zip(names, columns, strict=False) if _is_list(held)}
    return {}


def told_names(names: Any) -> list[str] | None:
    """Return names of features that an estimator holds; None where it has none."""
    return None if names is None else _told(list(names))


def _is_list(names: Any) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _columns(table: Any) -> list[tuple[Any, Any]]:
    if not hasattr(table, "columns"):
        return [(table.name, table)]
    if _is_polars(table):
        return list(zip(table.columns, table.get_columns(), strict=True))
    return list(table.items())


def _told(names: list[Any]) -> list[str] | None:
    """Return names as texts; None for those that say no more than a number does."""
    if names in ([None], [""]) or names == list(range(len(names))):
        return None
    texts = [".".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in names]
    # A run is UTF-8, which has no halves of characters.
    return [text.encode("utf-8", "replace").decode()[:_LETTERS] for text in texts]


def _is_polars(table: Any) -> bool:
    return bool(class_names(table) & _POLARS)


def _is_numeric(column: Any) -> bool:
    if _is_polars(column):
        return bool(column.dtype.is_numeric()) or str(column.dtype) == "Boolean"
    kind = getattr(column.dtype, "kind", "O")
    return kind in "biuf" and "datetime" not in str(column.dtype)
