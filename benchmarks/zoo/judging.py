"""What a framework says of a batch, and how far a replay is from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Truth:
    """Outputs, loss and gradients of a batch; a loss that is not a number is not compared."""

    outputs: list[Array]
    loss: float
    gradients: dict[str, Array]


def farthest(given: Truth, wanted: Truth) -> tuple[str, float]:
    """Return what differs most, and by how much of its size."""
    found: list[tuple[str, float]] = []
    if not math.isnan(wanted.loss):
        found.append(("loss", abs(given.loss - wanted.loss) / max(abs(wanted.loss), 1e-12)))
    for output in given.outputs:
        alike = [each for each in wanted.outputs if each.size == output.size]
        distances = [distance(output.reshape(each.shape), each) for each in alike]
        found.append(("output", min(distances, default=math.inf)))
    largest = max((norm(g) for g in wanted.gradients.values()), default=0.0)
    for name, gradient in wanted.gradients.items():
        other = given.gradients.get(name)
        if other is None:
            found.append((f"gradient of {name} (missing)", math.inf if norm(gradient) else 0.0))
        elif norm(gradient) < 1e-6 * largest:  # nothing but rounding
            found.append((f"gradient of {name}", norm(other - gradient) / largest))
        else:
            found.append((f"gradient of {name}", distance(other, gradient)))
    return max(found, key=lambda each: each[1] if math.isfinite(each[1]) else math.inf)


def distance(found: Array, wanted: Array) -> float:
    """Return the norm of a difference by that of what is wanted."""
    return norm(found - wanted) / max(norm(wanted), 1e-12)


def norm(array: Array) -> float:
    """Return the root of the sum of squares."""
    return float(np.linalg.norm(np.asarray(array, np.float64).ravel()))
