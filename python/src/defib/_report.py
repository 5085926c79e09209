"""The diagnosis: causes, findings, and the numbers behind them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _engine
from ._cure import Cure
from ._errors import DefibError
from ._files import write_text
from ._json import decoded
from ._text import printable
from ._timeline import Moment, Since


@dataclass(frozen=True)
class Place:
    """Where a finding is; str() gives `relu1[0, 3]`: the user's layer name and unit indices.

    Columns with names are told by those: `x[age, income]`.
    """

    #: "layer", "parameter", "input", "output", "target", "loss" or "run".
    kind: str
    name: str
    layer: str | None = None
    units: tuple[int, ...] = ()
    #: The line of the user's code that calls the layer, as "models/net.py:12".
    source: str | None = None
    #: What the user calls these columns, one name for each of `units`; empty where nobody says.
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.units:
            return self.name or self.kind
        return f"{self.name}[{', '.join(map(str, self.columns or self.units))}]"


class Evidence(Mapping[str, Any]):
    """The numbers behind a finding: name -> value, each with its unit and its threshold."""

    def __init__(self, entries: tuple[Mapping[str, Any], ...]) -> None:
        self._entries = {str(entry["name"]): entry for entry in entries}

    def __getitem__(self, name: str) -> Any:
        entry = self._entries[name]
        # Names of the user's may be "nan".
        return entry.get("value") if entry.get("is_text") is True else decoded(entry.get("value"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return repr(dict(self))

    def unit(self, name: str) -> str:
        """Return the unit of a number; "" when it has none."""
        return str(self._entries[name].get("unit") or "")

    def threshold(self, name: str) -> float | None:
        """Return the bound that the number is compared with; None when there is none."""
        value = decoded(self._entries[name].get("threshold"))
        return None if value is None else float(value)


@dataclass(frozen=True, eq=False)
class Finding:
    """One fault: which rule, where, how bad, why, and what cures it."""

    id: str
    rule: str
    title: str
    #: "error", "warning" or "note".
    severity: str
    #: The first place, or the one that the fault came from.
    place: Place
    message: str
    evidence: Evidence
    remedy: str
    #: All places of the fault, `place` first.
    places: tuple[Place, ...] = ()
    #: The likeliest change of a cause as lines of code; empty where there is none.
    code: str = ""
    #: When it began, as far as the snapshots of the run tell; None: they tell nothing.
    since: Since | None = None
    #: The findings that explain this one.
    caused_by: tuple[Finding, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        more = f" and {len(self.places) - 1} more" if len(self.places) > 1 else ""
        return printable(f"{self.severity}: {self.rule} at {self.place}{more}: {self.message}")


@dataclass(frozen=True, eq=False)
class Report:
    """What a check found. `print(report)` shows it, a notebook renders it."""

    #: The diagnosis, most damaging first: what no other finding explains.
    causes: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    #: "healthy", "faults", or "could-not-tell": no fault was found, but learning was not judged.
    verdict: str
    #: What to hand over so that learning can be judged; empty where it was.
    missing: tuple[str, ...]
    #: Whether the same training from the same start ends where the user's did: "explained_by" is
    #: "settings", "harmless" or "other-loop", "text" a sentence; None where it was not played.
    loop: Mapping[str, str] | None
    #: What would cure the run; None: nobody asked (`check(..., cure=True)`).
    cure: Cure | None
    #: Learning was judged, and there is no error and no warning.
    healthy: bool
    #: Ids of the rules that ran.
    checked: tuple[str, ...]
    #: Rule that could not run -> the reason.
    not_checked: Mapping[str, str]
    #: The network along the training: start, snapshots, end; empty for a run without snapshots.
    timeline: tuple[Moment, ...]
    #: Size and settings of the run, and the digest of what went into it.
    run: Mapping[str, Any]
    _content: Mapping[str, Any] = field(repr=False)
    _text: str = field(default="", repr=False)
    #: The run's name, for the headline of a page; "" where it has none.
    name: str = ""
    #: Stage of the check -> its seconds, that of `export` or reading first; empty for a report that
    #: was read back. What goes on beside a stage, or is too short to be told, counts for it.
    seconds: Mapping[str, float] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_dict(
        cls,
        content: Mapping[str, Any],
        text: str = "",
        weights: Mapping[str, Any] | None = None,
        name: str = "",
    ) -> Report:
        """Read a report's JSON, `text` being its plain rendering, `weights` those of its cure.

        `name` is what a page calls the run.

        Raises:
            DefibError: it is not a report, or one of another version.
        """
        if content.get("format") != "defib-report" or content.get("version") != 1:
            raise DefibError(
                f"found format {content.get('format')!r}, version {content.get('version')!r}; "
                "expected 'defib-report', version 1"
            )
        try:
            return cls._read(content, text, weights or {}, name)
        except (KeyError, TypeError, AttributeError) as error:
            raise DefibError(f"the report is damaged: {type(error).__name__} {error}") from error

    @classmethod
    def _read(
        cls, content: Mapping[str, Any], text: str, weights: Mapping[str, Any], name: str
    ) -> Report:
        findings = {entry["id"]: _finding(entry) for entry in content["findings"]}
        for entry in content["findings"]:
            origins = tuple(findings[name] for name in entry.get("caused_by", ()))
            object.__setattr__(findings[entry["id"]], "caused_by", origins)
        # An engine that knows no verdict says only whether the run is healthy.
        verdict = content.get("verdict") or ("healthy" if content["healthy"] else "faults")
        return cls(
            causes=tuple(findings[name] for name in content["causes"]),
            findings=tuple(findings.values()),
            verdict=str(verdict),
            missing=tuple(content.get("missing", ())),
            loop=content.get("loop"),
            cure=Cure.read(content.get("cure"), weights),
            healthy=verdict == "healthy",
            checked=tuple(content.get("checked", ())),
            not_checked={e["rule"]: e["reason"] for e in content.get("not_checked", ())},
            timeline=Moment.read(content.get("timeline")),
            run=decoded(dict(content.get("run", {}))),
            _content=content,
            _text=text or str(content.get("rendered") or ""),
            name=name or str(content.get("run", {}).get("name") or ""),
        )

    def __str__(self) -> str:
        if self._text:
            return self._text.rstrip("\n")
        verdict = self.verdict if not self.causes else f"{len(self.causes)} cause(s)"
        return "\n".join([f"defib: {verdict}", *(f"  {finding}" for finding in self.findings)])

    def to_dict(self) -> dict[str, Any]:
        """Return the report as docs/report-format.md describes it."""
        return dict(self._content)

    def to_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self._content, indent=2, ensure_ascii=False)

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write the report as one page without links to elsewhere.

        A file that is there is replaced as a whole and keeps its mode and the links to it; a pipe
        or a device is written to.
        """
        write_text(path, self.render("html"))

    def render(self, format: str) -> str:  # noqa: A002
        """Return the report in a format of `defib check --format`, such as "html-fragment".

        Raises:
            InvalidArgument: the engine knows no such format; the message lists those that it knows.
        """
        content = dict(self._content)
        if self.name:
            content["run"] = {**content.get("run", {}), "name": self.name}
        return _engine.rendered(json.dumps(content), format)

    def log(self, tracker: Any) -> None:
        """Log the report to the tracker of an experiment: its counts, and itself as a page.

        Args:
            tracker: The module `mlflow`, a run of W&B, a SummaryWriter of TensorBoard, a logger of
                Lightning, or what has `log` or `log_metrics` for a dict of numbers.

        Raises:
            InvalidArgument: it is none of these.
        """
        from .integrations.trackers import log

        log(self, tracker)

    def plot(self) -> Any:
        """Draw causes, the course of the training and the cure: a figure of matplotlib.

        Raises:
            InvalidArgument: matplotlib is not installed.
        """
        from .integrations.plots import plot

        return plot(self)

    def to_step_summary(self) -> bool:
        """Append the report to the summary of the running job of GitHub Actions.

        Returns:
            False where no job runs: the environment has no GITHUB_STEP_SUMMARY.
        """
        from .integrations.trackers import step_summary

        return step_summary(self)

    def _repr_html_(self) -> str:
        return self.render("html-fragment")


def _place(entry: Mapping[str, Any]) -> Place:
    source = entry.get("source")
    return Place(
        kind=entry["kind"],
        name=entry.get("name", ""),
        layer=entry.get("layer"),
        units=tuple(entry.get("units") or ()),
        columns=tuple(entry.get("columns") or ()),
        source=f"{source['file']}:{source['line']}" if source else None,
    )


def _finding(entry: Mapping[str, Any]) -> Finding:
    place = _place(entry["place"])
    return Finding(
        id=entry["id"],
        rule=entry["rule"],
        title=entry.get("title", entry["rule"]),
        severity=entry["severity"],
        place=place,
        message=entry["message"],
        evidence=Evidence(tuple(entry.get("evidence", ()))),
        remedy=entry.get("remedy", ""),
        code=entry.get("code", ""),
        since=Since.read(entry.get("since")),
        # Older reports have one place only.
        places=tuple(map(_place, entry.get("places", ()))) or (place,),
    )
