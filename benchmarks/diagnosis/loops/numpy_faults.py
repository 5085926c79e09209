"""Loops in NumPy with a hand-written backward pass, told as a `defib.Sequential`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

import defib

from .faults import Case
from .tasks import TASKS, Array
from .told import Told

WRONG = ("wrong-gradients", "loop-mismatch")


@dataclass
class Numpy:
    """A dense network of three layers with everything by hand; `twist` names what is different."""

    task: str
    activation: str
    rate: float
    epochs: int
    twist: str = ""
    width: int = 24
    size: int = 32
    momentum: float = 0.0
    weights: list[Array] = field(default_factory=list)

    def train(self) -> Told:
        """Train, and tell."""
        task = TASKS[self.task]()
        draw = np.random.default_rng(0)
        classes = task.loss == "cross-entropy"
        outputs = int(task.y.max()) + 1 if classes else 1
        sizes = [task.x.shape[1], self.width, self.width, outputs]
        gain = 2.0 if self.activation == "relu" else 1.0
        for inputs, units in pairwise(sizes):
            self.weights += [
                draw.normal(0, (gain / inputs) ** 0.5, (inputs, units)), np.zeros(units),
            ]  # fmt: skip
        initial = [w.copy() for w in self.weights]
        y = np.eye(outputs)[task.y] if classes else task.y
        speed = [np.zeros_like(w) for w in self.weights]
        held, rate, history = [np.zeros_like(w) for w in self.weights], self.rate, []
        for _ in range(self.epochs):
            total, order = 0.0, draw.permutation(len(y))
            for start in range(0, len(y), self.size):
                rows = order[start : start + self.size]
                loss, gradients = self._back(task.x[rows], y[rows], classes)
                total += loss * len(rows)
                if self.twist == "accumulates":
                    held = gradients = [h + g for h, g in zip(held, gradients, strict=True)]
                elif self.twist == "clips":
                    gradients = [np.clip(g, -1e-4, 1e-4) for g in gradients]
                elif self.twist == "clips at 1":
                    gradients = [np.clip(g, -1.0, 1.0) for g in gradients]
                elif self.twist == "decays":
                    rate *= 0.93
                sign = -1.0 if self.twist == "wrong sign" else 1.0
                speed = [self.momentum * s + g for s, g in zip(speed, gradients, strict=True)]
                for w, s in zip(self.weights, speed, strict=True):
                    w -= sign * rate * s
            history.append(total / len(y))
            rate *= 0.95 if self.twist == "decays each epoch" else 1.0
        first, second, third, fourth, fifth, sixth = self.weights
        act: Any = {"relu": defib.ReLU, "tanh": defib.Tanh, "sigmoid": defib.Sigmoid}
        hidden = act[self.activation]
        model = defib.Sequential(
            defib.Dense(first, second), hidden(), defib.Dense(third, fourth), hidden(),
            defib.Dense(fifth, sixth),
        )  # fmt: skip
        return Told(
            model, task.x, task.y, "cross-entropy" if classes else "mse",
            task.skill(self._forward(task.x_aside)[-1]),
            {
                "optimizer": {
                    "kind": "sgd", "learning_rate": self.rate, "momentum": self.momentum,
                },
                "batch_size": self.size, "epochs": self.epochs, "initial": initial,
                "history": history, "shuffle": True,
            },
        )  # fmt: skip

    def _forward(self, x: Array) -> list[Array]:
        """Return the inputs of each layer, and the outputs."""
        w, values = self.weights, [x]
        for layer in range(3):
            z = values[-1] @ w[2 * layer] + w[2 * layer + 1]
            values.append(z if layer == 2 else self._activate(z))
        return values

    def _activate(self, z: Array) -> Array:
        if self.activation == "relu":
            return np.maximum(z, 0)
        return np.tanh(z) if self.activation == "tanh" else 1 / (1 + np.exp(-z))

    def _slope(self, a: Array) -> Array:
        if self.twist == "no derivative":
            return np.ones_like(a)
        if self.activation == "relu":
            return (a > 0) * 1.0
        if self.twist == "derivative of the value":  # that of z, taken at a
            return 1 - np.tanh(a) ** 2 if self.activation == "tanh" else a
        return 1 - a**2 if self.activation == "tanh" else a * (1 - a)

    def _back(self, x: Array, y: Array, classes: bool) -> tuple[float, list[Array]]:
        values, w, n = self._forward(x), self.weights, len(x)
        out = values[-1]
        if classes:
            axis = 0 if self.twist == "softmax over the batch" else 1
            shifted = np.exp(out - out.max(axis, keepdims=True))
            p = shifted / shifted.sum(axis, keepdims=True)
            loss = float(-np.log(p[y == 1] + 1e-9).mean())
            d = (p - y) / n
            if self.twist == "targets reversed":
                d = (p - y[:, ::-1]) / n
        else:
            loss = float(((out - y) ** 2).mean())
            d = 2 * (out - y) / n
            if self.twist == "gradient of the mean only":  # averaged too early
                d = np.full_like(d, (out - y).mean() * 2 / n)
            if self.twist == "gradient of another loss":  # that of the logarithms
                d = (np.log1p(np.abs(out)) - np.log1p(np.abs(y))) / n
        if self.twist == "no mean":
            d = d * n
        gradients: list[Array] = []
        for layer in (2, 1, 0):
            gradients = [values[layer].T @ d, d.sum(0), *gradients]
            if layer:
                d = d @ w[2 * layer].T * self._slope(values[layer])
        return loss, gradients


#: bug, accepted rules, and the networks that have it
ROWS: list[tuple[str, tuple[str, ...], list[Numpy]]] = [
    ("wrong sign", WRONG, [
        Numpy("table", "tanh", 0.05, 20), Numpy("blobs", "relu", 0.02, 15, momentum=0.9),
    ]),
    ("no derivative", WRONG, [
        Numpy("spirals", "sigmoid", 0.3, 60, momentum=0.9), Numpy("table", "tanh", 0.1, 30),
        Numpy("spirals", "relu", 0.1, 30, momentum=0.9),
    ]),
    ("derivative of the value", WRONG, [Numpy("spirals", "sigmoid", 0.3, 60, momentum=0.9)]),
    ("softmax over the batch", (*WRONG, "history-mismatch"), [
        Numpy("spirals", "relu", 0.1, 30, momentum=0.9),
    ]),
    ("targets reversed", WRONG, [Numpy("blobs", "relu", 0.1, 15)]),
    ("gradient of the mean only", WRONG, [Numpy("table", "relu", 0.1, 30)]),
    ("gradient of another loss", WRONG, [Numpy("friedman", "tanh", 0.1, 30)]),
    ("no mean", (*WRONG, "loss-reduction"), [
        Numpy("table", "tanh", 0.1, 30), Numpy("blobs", "relu", 0.05, 15, momentum=0.9),
    ]),
    ("accumulates", ("accumulated-gradients",), [
        Numpy("table", "tanh", 0.1, 30), Numpy("spirals", "relu", 0.05, 30, momentum=0.9),
    ]),
    ("clips", ("clipped-gradients",), [
        Numpy("blobs", "relu", 0.1, 15), Numpy("friedman", "tanh", 0.1, 30),
    ]),
    ("decays", ("decayed-learning-rate",), [
        Numpy("spirals", "relu", 0.1, 30, momentum=0.9), Numpy("table", "tanh", 0.1, 30),
    ]),
]  # fmt: skip


def _train(network: Numpy, twist: str, faulty: bool) -> Told:
    fresh = Numpy(**{**vars(network), "twist": twist if faulty else "", "weights": []})
    with np.errstate(all="ignore"):
        return fresh.train()


def cases() -> Iterator[Case]:
    """Yield every case."""
    for twist, accepted, networks in ROWS:
        for network in networks:
            kind = "momentum" if network.momentum else "sgd"
            name = f"numpy-{twist.replace(' ', '-')}-{network.task}-{network.activation}-{kind}"
            yield Case(name, accepted, partial(_train, network, twist))
