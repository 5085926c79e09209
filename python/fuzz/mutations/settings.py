"""Changes to losses, optimizer, batches and histories."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import numpy as np

from defib import _engine

from .. import values
from ..subject import Subject
from .graph import tensors

OPTIMIZERS = ["sgd", "adam", "adamw", "rmsprop", "adagrad"]
SETTINGS = [
    "learning_rate", "momentum", "dampening", "nesterov", "weight_decay", "decoupled", "betas",
    "eps", "alpha", "centered", "lr_decay", "initial_accumulator", "amsgrad", "epsilon_hat",
]  # fmt: skip


@cache
def losses() -> list[dict[str, Any]]:
    """Return the engine's losses, with their settings."""
    listed: list[dict[str, Any]] = _engine.parsed("defib_catalogue")["losses"]
    return listed


def _loss(rng: Random, subject: Subject) -> dict[str, Any]:
    found = subject.entries("losses")
    return rng.choice(found) if found else {}


def loss_kind(rng: Random, subject: Subject) -> None:
    """Replace the kind of a loss by another."""
    entry = _loss(rng, subject)
    for key in set(entry) - {"kind", "prediction", "target", "reduction", "weight"}:
        if rng.random() < 0.8:
            del entry[key]
    entry["kind"] = rng.choice(losses())["kind"]


def loss_setting(rng: Random, subject: Subject) -> None:
    """Give a loss one of the settings of its kind, with an extreme value."""
    entry = _loss(rng, subject)
    kind = next((each for each in losses() if each["kind"] == entry.get("kind")), losses()[0])
    known = [s["name"] for s in kind["settings"]]
    key = rng.choice([*known, "reduction", "weight", "sample_weight", "class_weight"])
    data = [name for name in subject.section("data") if isinstance(name, str)]
    named = ("sample_weight", "class_weight", "pos_weight", "variance")
    if key == "reduction":
        entry[key] = rng.choice(["mean", "sum", "weighted-mean", "none"])
    elif key in named:
        entry[key] = rng.choice([*tensors(subject), *data])
    else:
        entry[key] = rng.choice([values.number(rng), True, False])


def loss_edges(rng: Random, subject: Subject) -> None:
    """Let a loss read another tensor or another array, once more or not at all."""
    entry = _loss(rng, subject)
    data = [name for name in subject.section("data") if isinstance(name, str)] or ["y"]
    kind = rng.randrange(4)
    if kind == 0:
        entry["prediction"] = rng.choice(tensors(subject))
    elif kind == 1:
        entry["target"] = rng.choice(data)
    elif kind == 2 and entry:
        subject.document["losses"] += [dict(entry)] * rng.choice([1, 2, 9])
    else:
        subject.document["losses"] = []


def _schedule(rng: Random) -> dict[str, Any]:
    """Return a schedule that is sound, or has knots out of order, too many or too few rates."""
    count = rng.choice([0, 1, 2, 3, 9, 511, 512, 513])
    updates: list[Any] = sorted(rng.sample(range(1, 10**4), max(0, count - 1)))
    updates = ([0] if count else []) + updates
    rates: list[Any] = [values.number(rng) for _ in range(rng.choice([count, count, count + 1]))]
    if updates and rng.random() < 0.3:
        updates[rng.randrange(count)] = rng.choice([0, -1, 0.5, 2**63 - 1, values.whole(rng)])
    shape = rng.choice(["constant", "linear", "linear", "cubic"])
    return {"updates": updates, "rates": rates, "interpolation": shape}


def optimizer(rng: Random, subject: Subject) -> None:
    """Set the optimizer's kind and its settings to extremes."""
    training = subject.document.setdefault("training", {})
    if not isinstance(training, dict):
        return
    chosen = training.setdefault("optimizer", {"kind": "sgd", "learning_rate": 0.1})
    if not isinstance(chosen, dict):
        return
    kind = rng.randrange(5)
    if kind == 0:
        chosen["kind"] = rng.choice(OPTIMIZERS)
    elif kind == 1:
        chosen["groups"] = [
            {
                "parameters": rng.sample(tensors(subject), 1),
                rng.choice(SETTINGS): values.number(rng),
            }
        ]
    elif kind == 2:
        chosen["learning_rate"] = rng.choice([0, 1e-300, 1e-30, 1e-12, 10, 1e6, 1e30, 1e300, -1])
    elif kind == 3:
        chosen["schedule"] = _schedule(rng)
    else:
        key = rng.choice(SETTINGS)
        value: Any = values.number(rng)
        if key == "betas":
            value = rng.choice([[0, 0], [1, 1], [0.999, 0.1], [], [0.9], [-1, 2], value])
        chosen[key] = value


def training(rng: Random, subject: Subject) -> None:
    """Set batches, epochs, updates, mode, precision or penalties to extremes."""
    chosen = subject.document.setdefault("training", {})
    if not isinstance(chosen, dict):
        return
    key = rng.choice(
        [
            "batch_size",
            "batch_size",
            "epochs",
            "steps",
            "mode",
            "precision",
            "shuffle",
            "penalty",
            "clip",
            "accumulation",
        ]
    )
    if key in ("batch_size", "epochs", "steps", "accumulation"):
        chosen[key] = values.whole(rng)
    elif key == "clip":
        kinds = rng.sample(["norm", "parameter_norm", "value"], rng.choice([1, 1, 1, 2, 0]))
        chosen[key] = {kind: values.number(rng) for kind in kinds}
    elif key == "mode":
        chosen[key] = rng.choice(["train", "eval", "", "test"])
    elif key == "precision":
        chosen[key] = rng.choice(["float32", "float16", "bfloat16", "float64"])
    elif key == "shuffle":
        chosen[key] = rng.choice([True, False, 1])
    else:
        chosen["regularization"] = [
            {"parameter": rng.choice(tensors(subject)), "l2": values.number(rng),
             "l1": values.number(rng)}
        ]  # fmt: skip


def history(rng: Random, subject: Subject) -> None:
    """Give the history another length, other values, or another name for its axis."""
    length = rng.choice([0, 1, 2, 3, 5, 30, 300, 4096, 50_000, 300_000])
    kind = rng.randrange(5)
    series = np.linspace(1, 0.1, length) if length else np.zeros(0)
    if kind == 1:
        series = np.where(np.arange(length) % 2, 1.0, 2.0)
    elif kind == 2:
        series = np.arange(length, dtype=float) ** rng.choice([1, 3])
    elif kind == 3 and length:
        series = series.copy()
        series[rng.randrange(length)] = rng.choice([np.nan, np.inf, -np.inf, 1e308])
    elif kind == 4:
        series = np.full(length, rng.choice([0.0, 1.0, np.nan, 1e308, -5.0]))
    path = f"history/h{rng.randrange(10**6)}.npy"
    with np.errstate(over="ignore"):
        single = series.astype(np.float32)
    subject.arrays[path] = rng.choice([series, series, single, single, series.reshape(-1, 1)])
    listed = subject.document.setdefault("history", {})
    if isinstance(listed, dict):
        name = rng.choice(["loss", "loss", "validation_loss", "accuracy", "learning_rate"])
        listed[name] = {"file": path, "per": rng.choice(["epoch", "step", "step", "batch"])}


ALL = [loss_kind, loss_setting, loss_edges, optimizer, training, history]
