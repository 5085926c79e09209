"""What the inspector sees in .npy and .npz files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._errors import DefibError
from ._json import decoded


@dataclass(frozen=True, eq=False)
class Inspection:
    """One array: what its header says, and the figures of its elements."""

    #: The file, and the name of the array in an archive.
    path: str
    member: str | None
    #: "real", "complex", or "described" when the elements are not numbers.
    kind: str
    #: Such as "float32", and the header's own "<f4".
    type: str
    descr: str
    #: "C" or "F": which index runs fastest.
    order: str
    shape: tuple[int, ...]
    count: int
    #: min, max, mean, std, zeros, nan, …; None where there is nothing to measure.
    figures: Mapping[str, Any] | None
    #: What a reader should know, in words.
    warnings: tuple[str, ...]
    _content: Mapping[str, Any] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return all that the inspector knows, histogram and columns included."""
        return dict(self._content)


@dataclass(frozen=True, eq=False)
class Archive:
    """Several arrays: an .npz file, or a folder of .npy files."""

    path: str
    arrays: tuple[Inspection, ...]
    #: What could not be read -> why.
    errors: Mapping[str, str]


def read(path: str, content: Mapping[str, Any]) -> Inspection | Archive:
    """Read what the engine wrote.

    Raises:
        DefibError: it is not an inspection.
    """
    try:
        if "arrays" not in content:
            return _array(content)
        return Archive(
            path=path,
            arrays=tuple(_array(entry) for entry in content["arrays"]),
            errors={entry["path"]: entry["message"] for entry in content.get("errors", ())},
        )
    except (KeyError, TypeError) as error:
        raise DefibError(f"the inspection of {path} is damaged: {error!r}") from error


def _array(content: Mapping[str, Any]) -> Inspection:
    values = decoded(dict(content))
    names = ("path", "kind", "type", "descr", "order", "count")
    return Inspection(
        **{name: values[name] for name in names},
        member=values.get("member"),
        shape=tuple(values["shape"]),
        figures=values.get("figures"),
        warnings=tuple(values.get("warnings", ())),
        _content=values,
    )
