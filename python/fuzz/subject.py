"""A run that can be changed: its run.json as a dict, its arrays by path."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass
class Subject:
    """One run, whole in memory. Arrays are never changed in place, only replaced."""

    document: dict[str, Any]
    arrays: dict[str, Array]
    raw: dict[str, bytes] = field(default_factory=dict)
    """Files that stand in place of arrays, byte for byte. Only a run in a folder has them."""
    lengths: dict[str, int] = field(default_factory=dict)
    """Files that are longer than what is written, by so many bytes of nothing."""

    def copy(self) -> Subject:
        """Return a copy whose changes leave this one alone."""
        return Subject(
            copy.deepcopy(self.document), dict(self.arrays), dict(self.raw), dict(self.lengths)
        )

    @property
    def text(self) -> str:
        """The run.json, NaN and infinities as JavaScript writes them."""
        return json.dumps(self.document)

    def section(self, *keys: str) -> Any:
        """Return a part of the document; an empty dict where a change took it away."""
        place: Any = self.document
        for key in keys:
            place = place.get(key, {}) if isinstance(place, dict) else {}
        return place

    def entries(self, *keys: str) -> list[dict[str, Any]]:
        """Return the objects of a list of the document, such as its nodes."""
        place = self.section(*keys)
        return [e for e in place if isinstance(e, dict)] if isinstance(place, list) else []

    def save(self, folder: Path) -> None:
        """Write the run as a folder."""
        folder.mkdir(parents=True)
        for path, array in self.arrays.items():
            if path not in self.raw:
                file = folder / path
                file.parent.mkdir(parents=True, exist_ok=True)
                np.save(file, array, allow_pickle=array.dtype.hasobject)
        for path, content in self.raw.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as stream:
                stream.write(content)
                stream.truncate(len(content) + self.lengths.get(path, 0))
        (folder / "run.json").write_text(self.text, encoding="utf-8", errors="surrogatepass")


def load(folder: Path) -> Subject:
    """Read a valid run back."""
    document = json.loads((folder / "run.json").read_text())
    files = sorted(folder.rglob("*.npy"))
    return Subject(document, {str(f.relative_to(folder)): np.load(f) for f in files})
