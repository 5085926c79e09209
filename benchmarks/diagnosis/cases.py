"""Reading cases, and turning a faulty one into its repaired variant."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent / "cases"

#: The collections that rules may be mended on, in the order of the board.
COLLECTIONS = ("reported", "further")

#: The one that is looked at once per release, when its rules are done.
KEPT = "kept"

Case = dict[str, Any]


def load(collection: str) -> list[Case]:
    """Read one collection.

    Raises:
        FileNotFoundError: there is no such collection.
    """
    cases: list[Case] = json.loads((HERE / f"{collection}.json").read_text())
    return cases


def accepted(case: Case) -> list[str]:
    """Return the rules that name an accepted cause of `case`, primary causes first.

    A cause that was only inferred from the code is not held against the diagnosis.
    """
    faults = json.loads((HERE / "faults.json").read_text())
    stated = [fault for fault in case["faults"] if fault.get("by") != "inferred"]
    stated.sort(key=lambda fault: not fault.get("primary", False))
    rules: list[str] = []
    for fault in stated:
        rules += [rule for rule in faults[fault["code"]]["rules"] if rule not in rules]
    return rules


def repaired(case: Case) -> Case:
    """Return the case with the changes of its accepted repair."""
    variant = copy.deepcopy(case)
    for change in case["repair"]["changes"]:
        _assign(variant, change["path"].split("."), change["value"])
    return variant


def _assign(place: Any, path: list[str], value: Any) -> None:
    key: Any = int(path[0]) if isinstance(place, list) else path[0]
    if len(path) == 1:
        place[key] = copy.deepcopy(value)
        return
    if isinstance(place, dict):
        place.setdefault(key, {})
    _assign(place[key], path[1:], value)
