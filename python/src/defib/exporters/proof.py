"""Proves an export: a few rows through the framework and through the replay must agree.

Every framework's `proof` module computes a `Truth` with the model itself; what is compared, and how
far apart two computations in float32 may lie, is decided here for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _engine
from .._errors import CannotReplay, UnfaithfulExport
from .._progress import Monitor
from .._results import total
from .arrays import Array
from .document import RunDocument
from .samples import Sample, samples

#: How far apart outputs and gradients may lie, as a share of the norm of the whole: a hundred to
#: a thousand times the rounding of float32, and far below what any wrong formula gives.
FLOOR = 1e-4
#: A smaller loss is held to the rounding of one of this size: a loss near zero is the difference of
#: numbers like 10, each of which float32 holds to 1e-6.
_LOSS = 1e-2
#: Under such a loss, smaller gradients are held to the rounding of gradients of this size: they are
#: what is left between a target and a prediction that float32 holds to 6e-8.
_SLOPE = 1e-4
#: How many times the framework's own error against float64 the replay's may be.
SLACK = 20.0
#: Beyond this, a difference is more than a kink tipped over by rounding: one batch decides.
GROSS = 0.05
#: Norms below this are taken in float64: squares of float32 would vanish.
_SMALL = 1e-12
_GRADIENT = "the gradient of"


@dataclass(frozen=True)
class Truth:
    """What a framework computes for a few rows, by the names of the run.

    `loss` is None where the framework was not asked; `gradients` are those of the trainable
    parameters, missing ones being zero.
    """

    outputs: Mapping[str, Array]
    loss: float | None = None
    gradients: Mapping[str, Array] | None = None


@dataclass(frozen=True)
class Difference:
    """One thing that differs: where, how much of the whole, and a value of each side."""

    what: str
    name: str
    share: float
    found: float
    wanted: float

    def __str__(self) -> str:
        share = f"{self.share:.2g} of its size" if np.isfinite(self.share) else "not finite"
        return (
            f"{self.what} {self.name}: the replay has {self.found:.6g} where the framework has "
            f"{self.wanted:.6g} (apart by {share})"
        )


#: a batch, and what differs most in it
Found = tuple[Sample, Difference]


def worst(document: RunDocument, differing: Callable[[Sample], Found | None]) -> Found | None:
    """Return the worst difference of a run; None where one batch has none.

    A small difference may be a kink tipped over by rounding, so other batches are tried.
    """
    result: Found | None = None
    for sample in samples(document):
        found = differing(sample)
        if found is None:
            return None
        if result is None or found[1].share > result[1].share:
            result = found
        if found[1].share > GROSS:
            break
    return result


def replayed(sample: Sample) -> Truth | None:
    """Replay a sample; None: the engine cannot, and its check will say so."""
    document = sample.document
    try:
        with _engine.created(document.to_json(), document.arrays) as handle:
            chosen = _engine.options(Monitor(None), workers=1)
            outputs, gradients, losses = _engine.replay(handle, chosen)
    except CannotReplay:
        return None
    return Truth(outputs, total(document.losses, losses) if losses else None, gradients)


def differences(found: Truth, wanted: Truth, exact: Truth | None = None) -> list[Difference]:
    """Return where a replay differs from the framework beyond what float32 explains.

    `exact` is the framework's own answer in float64: the framework's error against it says how
    ill-conditioned the computation is, and so how far another order of sums may lead.
    """
    allowed: dict[str, float] = {}
    for pair in _pairs(wanted, exact) if exact is not None else ():
        if not np.isnan(pair.share):
            allowed[pair.what] = max(allowed.get(pair.what, FLOOR), SLACK * pair.share)
    # Where float32 has no answer at all, nothing can be judged.
    return [
        pair
        for pair in _pairs(found, wanted)
        if allowed.get(pair.what, FLOOR) < 1 and not pair.share <= allowed.get(pair.what, FLOOR)
    ]


def first(left: Sequence[Difference]) -> Difference:
    """Return the difference that stands furthest ahead in the computation.

    Forwards, the outputs come first; backwards, the last layer that differs is the first.
    """
    ahead = [difference for difference in left if difference.what != _GRADIENT]
    return ahead[0] if ahead else left[-1]


def proves_gradients(truth: Truth, exact: Truth | None = None) -> bool:
    """Whether gradients are finite, above rounding and known well enough to prove anything."""
    if truth.gradients is None:
        return False
    size = _size(truth.gradients)
    if _small(truth) and size < _SLOPE:
        return not truth.gradients
    if size == 0 or not all(np.isfinite(g).all() for g in truth.gradients.values()):
        return not truth.gradients
    own = [p.share for p in _pairs(truth, exact) if p.what == _GRADIENT] if exact else []
    return all(SLACK * share < GROSS for share in own)


def _pairs(found: Truth, wanted: Truth) -> Iterator[Difference]:
    """Compare everything that both have: outputs, the loss, then gradients."""
    for name, output in wanted.outputs.items():
        if name in found.outputs:
            yield _compared("output", name, found.outputs[name], output, _norm(output))
    if wanted.loss is not None and found.loss is not None:
        a, b = np.asarray(found.loss), np.asarray(wanted.loss)
        yield _compared("the loss", "", a, b, max(_norm(b), _LOSS))
    if wanted.gradients and found.gradients:
        size = _size(wanted.gradients)
        if _small(wanted):
            size = max(size, _SLOPE)
        for name, gradient in wanted.gradients.items():
            if name in found.gradients:
                own = found.gradients[name]
                yield _compared(_GRADIENT, name, own, gradient, size)


def _small(truth: Truth) -> bool:
    """Whether the loss is so small that its gradients may be the rounding of predictions."""
    return truth.loss is not None and abs(truth.loss) < _LOSS


def _size(gradients: Mapping[str, Array]) -> float:
    return float(np.sqrt(sum(_norm(g) ** 2 for g in gradients.values())))


def _norm(array: Array) -> float:
    if array.dtype == np.float32:
        flat = array.reshape(-1)
        square = float(np.dot(flat, flat))
        if _SMALL**2 < square < np.inf:
            return float(np.sqrt(square))
    values = np.asarray(array, dtype=np.float64)
    return float(np.linalg.norm(values[np.isfinite(values)]))


def _compared(what: str, name: str, found: Array, wanted: Array, size: float) -> Difference:
    """Compare two arrays; `size` is the norm of the whole that they are part of."""
    plain = found.dtype == wanted.dtype == np.float32 and 0 < found.size == wanted.size
    if plain and _SMALL < size < np.inf:
        # Most arrays agree; one pass without a wider copy shows that.
        with np.errstate(over="ignore", invalid="ignore"):
            flat = found.reshape(-1) - wanted.reshape(-1)
            near = float(np.sqrt(np.dot(flat, flat))) / size
        if near < FLOOR / 2:
            return Difference(what, name, near, float(found.flat[0]), float(wanted.flat[0]))
    a, b = (np.asarray(x, dtype=np.float64) for x in (found, wanted))
    if a.size != b.size:
        name = f"{name} (shape {a.shape}, not {b.shape})"
        return Difference(what, name, np.inf, float("nan"), float("nan"))
    a = a.reshape(b.shape)
    finite = np.isfinite(a) & np.isfinite(b)
    # Where an overflow shows first depends on the order of sums, so whole tensors are compared.
    if np.isfinite(a).all() != np.isfinite(b).all():
        place = int(np.argmin(finite))
        return Difference(what, name, np.inf, float(a.flat[place]), float(b.flat[place]))
    apart = np.zeros(b.shape)
    apart[finite] = a[finite] - b[finite]
    error = float(np.linalg.norm(apart))
    place = int(np.argmax(np.abs(apart))) if apart.size else 0
    share = 0.0 if error == 0 else error / size if size > 0 else np.inf
    pair = (float(x.flat[place]) if x.size else 0.0 for x in (a, b))
    return Difference(what, name, share, *pair)


def refused(difference: Difference, framework: str, where: str, hints: Sequence[str]) -> Any:
    """Build the error for an export that computes something else than the model."""
    reasons = "; ".join(hints)
    because = f" What may be behind it: {reasons}." if hints else ""
    text = str(difference).replace("the framework", framework)
    return UnfaithfulExport(
        f"the replay of this export is not what {framework} computes. {where}{text}.{because} "
        "A diagnosis of it would be of another model. Take what is named here out of the model, "
        "export the part without it, or pass verify=False to continue anyway"
    )
