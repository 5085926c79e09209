"""What the scripts of these collections learn: small data of several kinds, and a score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets

Array = NDArray[Any]


@dataclass(frozen=True)
class Task:
    """Rows to train on, rows kept aside, and the loss: "mse", "cross-entropy" or "bce"."""

    x: Array
    y: Array
    x_aside: Array
    y_aside: Array
    loss: str

    def skill(self, outputs: Array) -> float:
        """Return what outputs on the rows aside are worth: 1 is perfect, 0 the best constant."""
        truth = self.y_aside
        if not np.isfinite(outputs).all():
            return -1.0
        if self.loss == "mse":
            left = ((outputs.reshape(truth.shape) - truth) ** 2).mean()
            return max(-1.0, float(1 - left / truth.var()))
        said = outputs.argmax(1) if self.loss == "cross-entropy" else (outputs > 0) * 1.0
        usual = np.unique(truth, return_counts=True)[1].max() / len(truth)
        return float(((said == truth).mean() - usual) / (1 - usual))


def _task(x: Array, y: Array, loss: str, aside: int = 160) -> Task:
    order = np.random.default_rng(1).permutation(len(x))
    x, y = x[order], y[order]
    y = y.astype(np.int64 if loss == "cross-entropy" else np.float32)
    x = x if x.dtype == np.int64 else x.astype(np.float32)
    return Task(x[aside:], y[aside:], x[:aside], y[:aside], loss)


def _standard(y: Array) -> Array:
    column: Array = ((y - y.mean()) / y.std())[:, None]
    return column


def table() -> Task:
    """Six columns, a curved target."""
    x = np.random.default_rng(0).normal(size=(640, 6))
    return _task(x, _standard(np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] / 2 + x[:, 3]), "mse")


def friedman() -> Task:
    """Friedman's first problem."""
    x, y = datasets.make_friedman1(640, n_features=6, noise=0.3, random_state=0)
    return _task((x - 0.5) * 3.5, _standard(y), "mse")


def spirals() -> Task:
    """Three arms that turn around each other."""
    draw = np.random.default_rng(0)
    arm, t = np.arange(720) % 3, draw.uniform(0.15, 1, 720)
    angle = 4.2 * t + 2 * np.pi * arm / 3 + draw.normal(0, 0.1, 720)
    x = 2 * t[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    return _task(x, arm, "cross-entropy")


def blobs() -> Task:
    """Six clouds in eight dimensions."""
    draw = np.random.default_rng(0)
    y = np.arange(600) % 6
    centres = 1.3 * draw.normal(size=(6, 8))
    return _task(centres[y] + draw.normal(size=(600, 8)), y, "cross-entropy")


def moons() -> Task:
    """Two half circles that reach into each other."""
    x, y = datasets.make_moons(560, noise=0.12, random_state=0)
    return _task((x - x.mean(0)) / x.std(0), y[:, None], "bce")


def digits() -> Task:
    """Images of 8 by 8."""
    x, y = datasets.load_digits(return_X_y=True)
    return _task(x[:760].reshape(-1, 1, 8, 8) / 16, y[:760], "cross-entropy")


def strips() -> Task:
    """The same images, as eight steps of eight numbers."""
    x, y = datasets.load_digits(return_X_y=True)
    return _task(x[:760].reshape(-1, 8, 8) / 16, y[:760], "cross-entropy")


def sums() -> Task:
    """Ten steps of one number; their mean, the late ones counting more."""
    x = np.random.default_rng(0).normal(size=(560, 10, 1))
    return _task(x, _standard(x[:, :, 0] @ np.linspace(0.3, 1, 10)), "mse")


def waves() -> Task:
    """Twelve steps of a noisy sine; which of three frequencies."""
    draw = np.random.default_rng(0)
    y = np.arange(560) % 3
    turns = np.array([0.35, 0.8, 1.5])[y][:, None] * np.arange(12)
    x = np.sin(turns + draw.uniform(0, 2 * np.pi, (560, 1))) + draw.normal(0, 0.15, (560, 12))
    return _task(x[:, :, None], y, "cross-entropy")


def tokens() -> Task:
    """Ten words of nine; which of the first three is the most frequent."""
    x = np.random.default_rng(0).integers(0, 9, (1200, 10))
    counts = np.stack([(x == word).sum(1) for word in range(3)], 1)
    top = np.sort(counts, 1)
    clear = top[:, 2] > top[:, 1]
    return _task(x[clear][:620], counts[clear][:620].argmax(1), "cross-entropy")


TASKS: dict[str, Callable[[], Task]] = {
    f.__name__: f
    for f in (table, friedman, spirals, blobs, moons, digits, strips, sums, waves, tokens)
}
