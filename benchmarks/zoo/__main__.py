"""Replays every model of the zoo: python -m benchmarks.zoo [--library NAME...] [--only TEXT]."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from . import (
    keras_models,
    monai_models,
    segmentation_models,
    sklearn_models,
    tables,
    timm_models,
    torchvision_models,
    transformers_models,
    x_transformers_models,
)
from .page import page
from .subject import Family, Subject
from .verdicts import Verdict, judged

#: The page with all of them.
PAGE = Path(__file__).parents[2] / "docs" / "models.md"

FAMILIES: tuple[Family, ...] = (
    torchvision_models.subjects,
    timm_models.subjects,
    segmentation_models.subjects,
    monai_models.subjects,
    transformers_models.subjects,
    x_transformers_models.subjects,
    tables.subjects,
    keras_models.subjects,
    sklearn_models.subjects,
)


def every() -> Iterator[Subject]:
    """Return all models."""
    for family in FAMILIES:
        yield from family()


def main() -> int:
    """Replay what was asked for; 1 where a replay is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.zoo", description=__doc__)
    parser.add_argument("--library", nargs="+", help="of these libraries alone")
    parser.add_argument("--only", help="whose name contains this")
    parser.add_argument("--write", action="store_true", help="write docs/models.md anew")
    given = parser.parse_args()
    found: list[Verdict] = []
    for subject in every():
        if given.library and subject.library not in given.library:
            continue
        if given.only and given.only.lower() not in subject.name.lower():
            continue
        found.append(verdict := judged(subject))
        print(f"{verdict.outcome:9} {subject.library:12} {subject.name:32} "
              f"{verdict.seconds:6.1f} s  {verdict.detail}", flush=True)  # fmt: skip
    counts = Counter(verdict.outcome for verdict in found)
    if given.write:
        PAGE.write_text(page(found))
    print(", ".join(f"{n} {outcome}" for outcome, n in counts.most_common()))
    return int(counts["wrong"] + counts["crashed"] > 0)


if __name__ == "__main__":
    sys.exit(main())
