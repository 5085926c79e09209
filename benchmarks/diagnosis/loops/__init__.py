"""What the training did: loops with a fault that a stranger's script has, and sound ones.

Each script is trained with its fault and without, and told twice: in full, and by a lazy author.
A fault that does no harm, and a loop that does not learn when it is repaired, are errors here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..scoring import Verdict, judge, refused
from .told import NotAsMeant, Told

HERE = Path(__file__).resolve().parent
EXPORTERS = HERE.parents[2] / "python" / "src" / "defib" / "exporters"

#: What a repaired loop must reach, and what its fault must cost.
LEAST, COST = 0.7, 0.15

Progress = Callable[[str], None]


def digest() -> str:
    """Return what the runs depend on: these scripts, and the exporters that write them."""
    facts = hashlib.sha256()
    for source in sorted([*HERE.glob("*.py"), *EXPORTERS.rglob("*.py")]):
        facts.update(source.read_bytes())
    return facts.hexdigest()[:12]


def faulty() -> Iterator[Any]:
    """Yield the loops with a fault."""
    from . import faults, keras_faults, numpy_faults

    for module in (faults, numpy_faults, keras_faults):
        yield from module.cases()


def verdicts(cache: Path, only: str, progress: Progress) -> dict[str, list[Verdict]]:
    """Train and judge every loop whose name contains `only`: "full", "lazy" and "repaired".

    Raises:
        NotAsMeant: a fault does no harm, or its repair does not work.
    """
    place = cache / f"loops-{digest()}"
    results: dict[str, list[Verdict]] = {"full": [], "lazy": [], "repaired": []}
    for case in faulty():
        if only not in case.id:
            continue
        progress(case.id)
        run = place / case.id
        if not (run / "skills.json").exists():
            _train(case, run)
        for way in results:
            results[way].append(_judged(case.id, run / way, case.accepted))
    progress("")
    return results


def sound(cache: Path, only: str, progress: Progress) -> list[Verdict]:
    """Train and judge every sound loop whose name contains `only`.

    Raises:
        NotAsMeant: one does not learn.
    """
    from . import keras_sound, numpy_sound, torch_sound

    place = cache / f"sound-loops-{digest()}"
    results = []
    for module in (torch_sound, numpy_sound, keras_sound):
        for name, make in module.loops():
            if only not in name:
                continue
            progress(name)
            run = place / name
            if not (run.exists() or run.with_suffix(".txt").exists()):
                told = make()
                if not told.skill >= LEAST:
                    raise NotAsMeant(f"{name} reaches {told.skill:.2f}; expected {LEAST} or more")
                _export(told, run)
            results.append(_judged(name, run, ()))
    progress("")
    return results


def _train(case: Any, run: Path) -> None:
    with_fault, without = case.make(True), case.make(False)
    if not without.skill >= LEAST:
        raise NotAsMeant(f"{case.id}, repaired, reaches {without.skill:.2f}")
    if not with_fault.skill <= without.skill - COST:
        raise NotAsMeant(
            f"{case.id} reaches {with_fault.skill:.2f} with its fault and {without.skill:.2f} "
            "without"
        )
    _export(with_fault, run / "full")
    _export(with_fault, run / "lazy", lazy=True)
    _export(without, run / "repaired")
    (run / "skills.json").write_text(json.dumps([with_fault.skill, without.skill]))


def _export(told: Told, run: Path, *, lazy: bool = False) -> None:
    """Write the run, or in its place what the exporter refused."""
    import defib

    run.parent.mkdir(parents=True, exist_ok=True)
    try:
        told.export(run, lazy=lazy)
    except defib.ExportError as error:
        run.with_suffix(".txt").write_text(str(error))


def _judged(name: str, run: Path, accepted: tuple[str, ...]) -> Verdict:
    if not run.exists():
        return refused(name, list(accepted), run.with_suffix(".txt").read_text())
    return judge(name, run, list(accepted))
