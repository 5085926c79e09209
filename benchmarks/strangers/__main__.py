"""Trains and checks the scripts, and prints where an accepted cause ranked."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import defib

from . import scripts


@dataclass
class Row:
    """What a script, or its repair, was told."""

    name: str
    accepted: list[str]
    causes: list[tuple[str, str]] = field(default_factory=list)
    trouble: str = ""

    def rank(self) -> int | None:
        """Return the place of an accepted cause among those listed, from 1; None: it has none."""
        places = (n for n, (_, rule) in enumerate(self.causes, 1) if rule in self.accepted)
        return next(places, None)


def told(module: Any, name: str, fixed: bool, path: Path) -> Row:
    """Train one form of a script and check its run."""
    row = Row(name, module.ACCEPT)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            got = module.train(fixed, str(path))
            report = got() if callable(got) else defib.check(path)
        row.causes = [(str(cause.severity), cause.rule) for cause in report.causes]
    except defib.DefibError as error:
        row.trouble = f"{type(error).__name__}: {error}"
    return row


def show(faulty: list[Row], repaired: list[Row]) -> None:
    """Print the misses, the repairs that got an alarm, and the figures."""
    for row in faulty:
        if row.rank() != 1:
            causes = ", ".join(rule for _, rule in row.causes) or row.trouble[:80] or "nothing"
            print(f"  {row.rank() or '-'}  {row.name:28} {causes}; accepted {row.accepted}")
    for row in repaired:
        if row.causes or row.trouble:
            alarms = ", ".join(f"{severity} {rule}" for severity, rule in row.causes)
            print(f"  repaired {row.name:28} {alarms or row.trouble[:80]}")
    listed = [rule in row.accepted for row in faulty for _, rule in row.causes]
    count, ranks = len(faulty), [row.rank() for row in faulty]
    print(f"\n  accepted cause first   {sum(rank == 1 for rank in ranks)} of {count}")
    print(f"  among the first three  {sum(rank is not None and rank < 4 for rank in ranks)}")
    print(f"  detected               {sum(bool(row.causes) for row in faulty)}")
    print(f"  precision              {sum(listed) / max(1, len(listed)):.2f}")
    errors = sum(any(s == "error" for s, _ in row.causes) for row in repaired)
    print(
        f"  repairs with an error  {errors}, with any alarm {sum(bool(r.causes) for r in repaired)}"
    )


def main() -> None:
    """Run the scripts that are named, or all."""
    parser = argparse.ArgumentParser(prog="benchmarks.strangers", description=__doc__)
    parser.add_argument("names", nargs="*", help="scripts, such as p01_zero_grad; default all")
    names = parser.parse_args().names or [m.name for m in pkgutil.iter_modules(scripts.__path__)]
    faulty, repaired = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            module = importlib.import_module(f"{scripts.__name__}.{name}")
            faulty.append(told(module, name, False, Path(folder) / f"{name}-faulty"))
            repaired.append(told(module, name, True, Path(folder) / f"{name}-repaired"))
    show(faulty, repaired)


if __name__ == "__main__":
    main()
