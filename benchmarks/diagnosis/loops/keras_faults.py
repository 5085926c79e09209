"""Loops in Keras: what `fit` was given, and training steps written with a GradientTape."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from . import faults as f
from .tasks import TASKS
from .told import Told

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")


@dataclass(frozen=True)
class Setup:
    """A training that works."""

    network: str
    optimizer: str
    rate: float
    epochs: int
    size: int = 32


TABLE_SGD = Setup("table-mlp", "sgd", 0.1, 25)
TABLE_ADAM = Setup("table-mlp", "adam", 0.01, 15)
SPIRALS_ADAM = Setup("spirals-mlp", "adam", 0.02, 20)
BLOBS_MOMENTUM = Setup("blobs-mlp", "momentum", 0.03, 12)
DIGITS_ADAM = Setup("digits-cnn", "adam", 0.005, 8)
DIGITS_SGD = Setup("digits-cnn", "sgd", 0.1, 12)
WAVES_ADAM = Setup("waves-lstm", "adam", 0.02, 15)


class Keras:
    """A script that stands before its training."""

    def __init__(self, setup: Setup) -> None:
        import keras

        self.keras: Any = keras
        self.tf: Any = importlib.import_module("tensorflow")
        keras.utils.set_random_seed(0)
        self.setup = setup
        self.task = TASKS[setup.network.split("-")[0]]()
        self.x, self.y = self.task.x, self.task.y
        if setup.network == "digits-cnn":
            self.x = self.x.reshape(-1, 8, 8, 1)
        self.model = self.build()
        self.loss: Any = (
            keras.losses.MeanSquaredError()
            if self.task.loss == "mse"
            else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        )
        self.optimizer: Any = None
        self.history: list[float] = []
        self.initial: Any = None
        self.given: dict[str, Any] = {}

    def build(self, between: Callable[[Any], Any] | None = None) -> Any:
        """Return the network, with a function of the features behind the trunk."""
        layers, shape = self.keras.layers, self.x.shape[1:]
        parts: dict[str, list[Any]] = {
            "mlp": [layers.Dense(32, "relu"), layers.Dense(32, "relu")],
            "cnn": [
                layers.Conv2D(8, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
                layers.Conv2D(16, 3, padding="same", activation="relu"), layers.Flatten(),
            ],
            "lstm": [layers.LSTM(16)],
        }  # fmt: skip
        outputs = 1 if self.task.loss == "mse" else int(self.task.y.max()) + 1
        start = value = self.keras.Input(shape)
        for layer in parts[self.setup.network.split("-")[1]]:
            value = layer(value)
        if between is not None:
            value = between(value)
        return self.keras.Model(start, layers.Dense(outputs, name="head")(value))

    def make(self, rate: Any = None, **more: Any) -> Any:
        """Make the optimizer."""
        kinds = self.keras.optimizers
        if self.setup.optimizer == "momentum":
            more["momentum"] = 0.9
        kind = kinds.Adam if self.setup.optimizer == "adam" else kinds.SGD
        self.optimizer = kind(self.setup.rate if rate is None else rate, **more)
        return self.optimizer

    def fit(self, **more: Any) -> None:
        """Compile and fit."""
        self.initial = self.model.get_weights()
        self.model.compile(self.optimizer, self.loss, jit_compile=False)
        options = {"epochs": self.setup.epochs, "batch_size": self.setup.size, "verbose": 0} | more
        kept = self.model.fit(self.x, self.y, **options)
        self.history = list(kept.history["loss"])

    def loop(self, step: Callable[[Any, Any], Any]) -> None:
        """Run a step of the script's own over shuffled batches; it returns the loss."""
        self.initial = self.model.get_weights()
        self.optimizer.build(self.model.trainable_variables)
        compiled = self.tf.function(step, reduce_retracing=True)
        draw = np.random.default_rng(0)
        for _ in range(self.setup.epochs):
            losses, order = [], draw.permutation(len(self.x))
            for start in range(0, len(order) - self.setup.size + 1, self.setup.size):
                rows = order[start : start + self.setup.size]
                losses.append(float(compiled(self.x[rows], self.y[rows])))
            self.history.append(float(np.mean(losses)))

    def gradients(self, x: Any, y: Any, variables: Any) -> tuple[Any, Any]:
        """Return the loss of a batch and its gradients."""
        with self.tf.GradientTape() as tape:
            loss = self.loss(y, self.model(x, training=True))
        return loss, tape.gradient(loss, variables)

    def told(self) -> Told:
        """Return what the author knows at the end."""
        aside = self.task.x_aside.reshape(-1, *self.x.shape[1:])
        outputs = np.asarray(self.model(aside))
        given = {
            "optimizer": self.optimizer, "batch_size": self.setup.size,
            "epochs": len(self.history), "history": self.history, "initial": self.initial,
            "shuffle": True,
        }  # fmt: skip
        skill = self.task.skill(outputs)
        return Told(self.model, self.x, self.task.y, self.loss, skill, given | self.given)


def clipnorm(s: Keras, faulty: bool, *, argument: str) -> None:
    """The optimizer clips far below the usual norm."""
    s.make(**{argument: 1e-3 if faulty else 5.0})
    s.fit()


def schedule_in_epochs(s: Keras, faulty: bool) -> None:
    """`decay_steps` counts updates, and the author meant epochs."""
    steps = 5 if faulty else 5 * -(-len(s.x) // s.setup.size)
    s.make(s.keras.optimizers.schedules.ExponentialDecay(s.setup.rate, steps, 0.7))
    s.fit()


def plateau_upwards(s: Keras, faulty: bool) -> None:
    """ReduceLROnPlateau waits for the loss to rise."""
    s.make()
    callback = s.keras.callbacks.ReduceLROnPlateau(
        monitor="loss", mode="max" if faulty else "min", factor=0.2, patience=1
    )
    s.fit(callbacks=[callback])


def head_only(s: Keras, faulty: bool) -> None:
    """The step applies gradients to the last layer alone."""
    s.make()
    held = s.model.layers[-1].trainable_variables if faulty else s.model.trainable_variables

    def step(x: Any, y: Any) -> Any:
        loss, gradients = s.gradients(x, y, held)
        s.optimizer.apply_gradients(zip(gradients, held, strict=True))
        return loss

    s.loop(step)


def frozen_by_accident(s: Keras, faulty: bool) -> None:
    """`trainable = False` on layers that were never trained."""
    for layer in s.model.layers[:-1]:
        layer.trainable = not faulty
    s.make()
    s.fit()


def never_applied(s: Keras, faulty: bool) -> None:
    """`apply_gradients` is missing."""
    s.make()
    held = s.model.trainable_variables

    def step(x: Any, y: Any) -> Any:
        loss, gradients = s.gradients(x, y, held)
        if not faulty:
            s.optimizer.apply_gradients(zip(gradients, held, strict=True))
        return loss

    s.loop(step)


def never_cleared(s: Keras, faulty: bool) -> None:
    """The variables that gather gradients are never set back."""
    s.make()
    held = s.model.trainable_variables
    gathered = [s.tf.Variable(s.tf.zeros_like(v.value)) for v in held]

    def step(x: Any, y: Any) -> Any:
        loss, gradients = s.gradients(x, y, held)
        for total, gradient in zip(gathered, gradients, strict=True):
            total.assign_add(gradient)
        s.optimizer.apply_gradients(zip(gathered, held, strict=True))
        if not faulty:
            for total in gathered:
                total.assign(s.tf.zeros_like(total))
        return loss

    s.loop(step)


def clipped_by_hand(s: Keras, faulty: bool) -> None:
    """`clip_by_global_norm` at a bound from another task."""
    s.make()
    held = s.model.trainable_variables

    def step(x: Any, y: Any) -> Any:
        loss, gradients = s.gradients(x, y, held)
        gradients, _ = s.tf.clip_by_global_norm(gradients, 1e-3 if faulty else 5.0)
        s.optimizer.apply_gradients(zip(gradients, held, strict=True))
        return loss

    s.loop(step)


def shuffled_apart(s: Keras, faulty: bool) -> None:
    """Inputs were shuffled for `fit`, labels were not; both are told as they were before."""
    stored = s.x
    if faulty:
        s.x = s.x[np.random.default_rng(0).permutation(len(s.x))]
    s.make()
    s.fit()
    s.x = stored


def stopped_gradient(s: Keras, faulty: bool) -> None:
    """`stop_gradient` in front of the head."""
    import keras

    s.model = s.build(keras.layers.Lambda(keras.ops.stop_gradient) if faulty else None)
    s.make()
    s.fit()


#: fault, accepted rules, training, setups
ROWS: list[tuple[str, tuple[str, ...], Callable[[Keras, bool], None], list[Setup]]] = [
    ("clipnorm", f.CLIPPED, partial(clipnorm, argument="clipnorm"), [TABLE_SGD]),
    ("global-clipnorm", f.CLIPPED, partial(clipnorm, argument="global_clipnorm"), [DIGITS_SGD]),
    ("schedule-in-epochs", f.DECAYED, schedule_in_epochs, [SPIRALS_ADAM]),
    ("plateau-upwards", f.DECAYED, plateau_upwards, [TABLE_ADAM]),
    ("head-only", f.MISSING, head_only, [WAVES_ADAM, TABLE_SGD]),
    ("frozen-by-accident", f.FROZEN, frozen_by_accident, [TABLE_ADAM]),
    ("never-applied", f.UNSTEPPED, never_applied, [BLOBS_MOMENTUM]),
    ("never-cleared", f.ACCUMULATED, never_cleared, [TABLE_SGD, DIGITS_ADAM]),
    ("clipped-by-hand", f.CLIPPED, clipped_by_hand, [BLOBS_MOMENTUM]),
    ("shuffled-apart", f.ELSEWHERE, shuffled_apart, [TABLE_ADAM]),
    ("stopped-gradient", f.DETACHED, stopped_gradient, [WAVES_ADAM]),
]


def _train(run: Callable[[Keras, bool], None], setup: Setup, faulty: bool) -> Told:
    script = Keras(setup)
    run(script, faulty)
    return script.told()


def cases() -> Iterator[f.Case]:
    """Yield every case."""
    for name, accepted, run, setups in ROWS:
        for setup in setups:
            ident = f"keras-{name}-{setup.network}-{setup.optimizer}"
            yield f.Case(ident, accepted, partial(_train, run, setup))
