"""A run on disk, as Python holds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._errors import InvalidRun
from ._files import read_json


@dataclass(frozen=True)
class Run:
    """A folder with a run.json; what `defib.export` returns and `defib.check` accepts."""

    path: Path

    def __fspath__(self) -> str:
        return str(self.path)

    def to_dict(self) -> dict[str, Any]:
        """Read the run.json.

        Raises:
            InvalidRun: it is missing, is not a JSON object in UTF-8, or has a key twice.
        """
        file = self.path / "run.json"
        try:
            document = read_json(file)
        except (OSError, ValueError) as error:
            raise InvalidRun(f"{file}: {error}") from error
        if not isinstance(document, dict):
            raise InvalidRun(f"{file}: found {type(document).__name__}, expected an object")
        return document
