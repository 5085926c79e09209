"""Sound models: no error may be raised on any of them, and hardly a warning.

`models.json` has those that the cases' own builder makes; the modules here hold what it cannot
express. Each is trained to where its maker would stop, or not trained at all; those that fitting.py
trains must reach a score on rows kept aside, or they would not be sound.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from .. import training
from ..scoring import Verdict, judge
from . import criteria, networks, own, perceptrons, segmentation, transformers, words

Maker = Callable[[Path], None]


def makers() -> dict[str, Maker]:
    """Return what makes the run of each model, by the model's name."""
    cases = json.loads((Path(__file__).parent / "models.json").read_text())
    made: dict[str, Maker] = {case["id"]: partial(training.train, case, 0) for case in cases}
    for module in (networks, perceptrons, transformers, words, criteria, segmentation, own):
        made |= module.MODELS
    return made


def verdicts(cache: Path, only: str, progress: Callable[[str], None]) -> list[Verdict]:
    """Train every model whose name contains `only`, unless it is in `cache`, and judge it."""
    results = []
    for name, make in makers().items():
        if only not in name:
            continue
        progress(f"sound {name}")
        run = cache / f"sound-{name}"
        if not run.exists():
            cache.mkdir(exist_ok=True)
            make(run)
        results.append(judge(name, run, []))
    progress("")
    return results
