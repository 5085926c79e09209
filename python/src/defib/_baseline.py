"""Known faults: what a project has accepted, so that only new causes are told."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ._errors import InvalidArgument
from ._files import write_text

if TYPE_CHECKING:
    from ._report import Finding, Report

Path = str | os.PathLike[str]
_FORMAT, _VERSION = "defib-baseline", 1
_ALARMS = ("error", "warning")


class Baseline:
    """The ids of known findings, by the name of what was checked, as a file that is committed."""

    def __init__(self, known: Mapping[str, frozenset[str]] | None = None) -> None:
        self.known: dict[str, frozenset[str]] = dict(known or {})

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Read a file that `write` has written.

        Raises:
            InvalidArgument: it is missing, or no baseline.
        """
        name = os.fspath(path)
        try:
            with open(name, encoding="utf-8") as file:
                content = json.load(file)
        except OSError as error:
            raise InvalidArgument(f"the baseline {name}: {error.strerror or error}") from error
        except (ValueError, RecursionError) as error:
            raise InvalidArgument(f"the baseline {name} is not JSON: {error}") from error
        held = content.get("known") if isinstance(content, dict) else None
        if not isinstance(held, dict) or (content.get("format"), content.get("version")) != (
            _FORMAT, _VERSION,
        ):  # fmt: skip
            raise InvalidArgument(f"{name} is not a baseline of version {_VERSION}")
        if not all(
            isinstance(ids, list) and all(isinstance(each, str) for each in ids)
            for ids in held.values()
        ):
            raise InvalidArgument(f"{name}: known is no list of ids for each name")
        return cls({each: frozenset(ids) for each, ids in held.items()})

    def write(self, path: Path) -> None:
        """Write the file, in an order that keeps its differences small."""
        known = {name: sorted(ids) for name, ids in sorted(self.known.items()) if ids}
        content = {"format": _FORMAT, "version": _VERSION, "known": known}
        write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")

    def accept(self, report: Report, name: str = "") -> None:
        """Take the errors and warnings of a report for known, and forget what was known of it."""
        self.known[name] = frozenset(f.id for f in report.findings if f.severity in _ALARMS)

    def new(self, report: Report, name: str = "") -> tuple[Finding, ...]:
        """Return the causes of a report that are errors or warnings and are not known."""
        known = self.known.get(name, frozenset())
        return tuple(f for f in report.causes if f.severity in _ALARMS and f.id not in known)


def assert_healthy(
    report: Report, baseline: Baseline | Path | None = None, *, name: str = ""
) -> None:
    """Raise an AssertionError that shows the report, unless the network is healthy.

    Args:
        report: What `defib.check` returned.
        baseline: Known faults, or their file: then only a new cause is an error.
        name: What the baseline calls that which was checked; a baseline may hold several.

    Raises:
        AssertionError: there is an error or a warning, or learning could not be judged; with a
            baseline, there is a cause that it does not know.
        InvalidArgument: the baseline cannot be read.
    """
    __tracebackhide__ = True
    if baseline is None:
        if report.healthy:
            return
        if report.verdict == "could-not-tell":
            missing = "\n".join(f"  {text}" for text in report.missing)
            raise AssertionError(f"could not tell whether the network learns:\n{missing}")
        raise AssertionError(f"the network is not healthy:\n\n{report}")
    held = baseline if isinstance(baseline, Baseline) else Baseline.read(baseline)
    new = held.new(report, name)
    if new:
        told = "\n".join(f"  {finding}" for finding in new)
        raise AssertionError(f"causes that the baseline does not know:\n{told}\n\n{report}")
