"""Whether the replay of a model is what its framework computes."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass

import torch

import defib

from . import judging_keras, judging_sklearn, judging_torch
from .judging import Truth, farthest
from .subject import Subject, Trial

#: Largest distance, by the norm of the whole array.
LIMIT = 1e-3
#: Deep networks with batch norms lose more of float32 than that, their frameworks too: so many
#: times the distance of the framework in float32 is allowed.
TIMES = 4


@dataclass(frozen=True)
class Verdict:
    """What became of a model."""

    subject: Subject
    #: exact, wrong, refused, crashed, or unusable where the model itself fails
    outcome: str
    #: the largest distance, or what was said
    detail: str
    seconds: float = 0.0


def judged(subject: Subject) -> Verdict:
    """Replay a model and hold it against its framework.

    A rectifier that rounding tips over changes gradients by percents, so that a difference counts
    where three batches have one.
    """
    for seed in range(3):
        torch.manual_seed(seed)
        verdict = _once(subject)
        if verdict.outcome != "wrong":
            break
    return verdict


def _once(subject: Subject) -> Verdict:
    try:
        trial = subject.make()
        wanted = truth(subject, trial)
    except Exception as error:
        return Verdict(subject, "unusable", f"{type(error).__name__}: {error}"[:300])
    began = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            replay = defib.replay(trial.model, trial.x, trial.y, loss=trial.loss, workers=2)
    except defib.DefibError as error:
        return Verdict(subject, "refused", str(error), time.perf_counter() - began)
    except Exception as error:
        return Verdict(subject, "crashed", f"{type(error).__name__}: {error}"[:500])
    seconds = time.perf_counter() - began
    given = Truth(list(replay.outputs.values()), replay.loss, dict(replay.gradients))
    what, distance = farthest(given, wanted)
    if distance <= LIMIT:
        return Verdict(subject, "exact", f"{distance:.0e}", seconds)
    _, own = farthest(truth(subject, trial, exact=False), wanted)
    if distance <= TIMES * own:
        return Verdict(subject, "exact", f"{distance:.0e}, the framework {own:.0e}", seconds)
    said = f"{what} differs by {distance:.1e} of its size, the framework's float32 by {own:.1e}"
    return Verdict(subject, "wrong", said, seconds)


def truth(subject: Subject, trial: Trial, exact: bool = True) -> Truth:
    """Return what the framework says, in float64 where `exact` and where the model takes it."""
    if subject.library == "scikit-learn":
        return judging_sklearn.truth(trial)
    if subject.library == "keras":
        return judging_keras.truth(subject, trial, "float64" if exact else "float32")
    if not exact:
        return judging_torch.truth(trial, torch.float32)
    try:
        return judging_torch.truth(trial)
    except RuntimeError:
        return judging_torch.truth(trial, torch.float32)
