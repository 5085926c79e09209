#!/usr/bin/env python3
"""Write Tests/OperatorsTests/Goldens/optimizers: 20 updates of seven weights by PyTorch or Keras.

Each file is named after the framework, the kind and the settings of run.json. Its rows are the
weights before the first update and after each, each beside the gradient that led there: an array
(21, 2, 7) of float32.

    python scripts/goldens_optimizers.py torch    # needs torch
    python scripts/goldens_optimizers.py keras    # needs keras with any backend
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parents[1] / "Tests" / "OperatorsTests" / "Goldens" / "optimizers"
Array = npt.NDArray[np.float32]
Step = Callable[[Array], Array]

CASES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "torch": [
        ("sgd", {"learning_rate": 0.1}),
        ("sgd", {"learning_rate": 0.1, "weight_decay": 0.2}),
        ("sgd", {"learning_rate": 0.1, "momentum": 0.9}),
        ("sgd", {"learning_rate": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.2}),
        ("sgd", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": 1}),
        ("sgd", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": 1, "weight_decay": 0.2}),
        ("sgd", {"learning_rate": 0.1, "dampening": 0.5}),
        ("adam", {"learning_rate": 0.1}),
        ("adam", {"learning_rate": 0.1, "beta1": 0.5, "beta2": 0.9, "eps": 0.1}),
        ("adam", {"learning_rate": 0.1, "weight_decay": 0.2}),
        ("adam", {"learning_rate": 0.1, "amsgrad": 1, "beta2": 0.5}),
        ("adam", {"learning_rate": 0.1, "amsgrad": 1, "eps": 0.1, "weight_decay": 0.2}),
        ("adamw", {"learning_rate": 0.1}),
        ("adamw", {"learning_rate": 0.1, "weight_decay": 0.5, "eps": 0.1}),
        ("adamw", {"learning_rate": 0.1, "amsgrad": 1, "beta1": 0.5, "beta2": 0.5}),
        ("rmsprop", {"learning_rate": 0.1}),
        ("rmsprop", {"learning_rate": 0.1, "alpha": 0.5, "eps": 0.1, "weight_decay": 0.2}),
        ("rmsprop", {"learning_rate": 0.1, "momentum": 0.9}),
        ("rmsprop", {"learning_rate": 0.1, "centered": 1, "alpha": 0.9}),
        ("rmsprop", {"learning_rate": 0.1, "centered": 1, "momentum": 0.9, "eps": 0.1}),
        ("adagrad", {"learning_rate": 0.1}),
        ("adagrad", {"learning_rate": 0.1, "initial_accumulator": 0.1, "eps": 0.1}),
        ("adagrad", {"learning_rate": 0.1, "lr_decay": 0.2, "weight_decay": 0.2}),
    ],
    "keras": [
        ("sgd", {"learning_rate": 0.1, "momentum": 0.9}),
        ("sgd", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": 1}),
        ("sgd", {"learning_rate": 0.1, "weight_decay": 0.2, "decoupled": 1}),
        ("adam", {"learning_rate": 0.1, "eps": 1e-7, "epsilon_hat": 1}),
        ("adam", {"learning_rate": 0.1, "eps": 0.1, "epsilon_hat": 1, "amsgrad": 1}),
        ("adamw", {"learning_rate": 0.1, "eps": 0.1, "epsilon_hat": 1, "weight_decay": 0.2}),
        ("rmsprop", {"learning_rate": 0.1, "alpha": 0.9, "eps": 0.1, "epsilon_inside": 1}),
        (
            "rmsprop",
            {"learning_rate": 0.1, "alpha": 0.9, "eps": 0.1, "epsilon_inside": 1, "momentum": 0.5,
             "centered": 1, "weight_decay": 0.2, "decoupled": 1},
        ),
        (
            "adagrad",
            {"learning_rate": 0.1, "eps": 0.1, "epsilon_inside": 1, "initial_accumulator": 0.1},
        ),
    ],
}  # fmt: skip

NAMES = {
    "torch": {
        "learning_rate": "lr", "initial_accumulator": "initial_accumulator_value",
    },
    "keras": {
        "alpha": "rho", "eps": "epsilon", "beta1": "beta_1", "beta2": "beta_2",
        "initial_accumulator": "initial_accumulator_value",
    },
}  # fmt: skip
FLAGS = ("nesterov", "amsgrad", "centered")


def arguments(framework: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Turn settings of run.json into keyword arguments of the framework."""
    result = {
        NAMES[framework].get(key, key): bool(value) if key in FLAGS else value
        for key, value in settings.items()
        if key not in ("epsilon_hat", "epsilon_inside", "decoupled")
    }
    if framework == "torch" and ("beta1" in result or "beta2" in result):
        result["betas"] = (result.pop("beta1", 0.9), result.pop("beta2", 0.999))
    return result


def torch_step(kind: str, settings: dict[str, Any], weights: Array) -> Step:
    """Return one update by PyTorch."""
    import torch

    classes = {
        "sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW,
        "rmsprop": torch.optim.RMSprop, "adagrad": torch.optim.Adagrad,
    }  # fmt: skip
    parameter = torch.nn.Parameter(torch.tensor(weights))
    optimizer = classes[kind]([parameter], **arguments("torch", settings))

    def step(gradient: Array) -> Array:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        updated: Array = parameter.detach().numpy().copy()
        return updated

    return step


def keras_step(kind: str, settings: dict[str, Any], weights: Array) -> Step:
    """Return one update by Keras, in float64: it corrects Adam's averages in the weights' type."""
    import keras

    keras.config.set_floatx("float64")

    classes = {
        "sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW, "rmsprop": keras.optimizers.RMSprop,
        "adagrad": keras.optimizers.Adagrad,
    }  # fmt: skip
    variable = keras.Variable(weights.astype(np.float64), dtype="float64")
    optimizer = classes[kind](**arguments("keras", settings))
    optimizer.build([variable])

    def step(gradient: Array) -> Array:
        optimizer.apply([keras.ops.convert_to_tensor(gradient, "float64")], [variable])
        return np.array(keras.ops.convert_to_numpy(variable), np.float32)

    return step


def trajectory(make: Callable[[Array], Step]) -> Iterator[tuple[Array, Array]]:
    """Yield the weights and the gradient that led to them, 20 updates long."""
    random = np.random.default_rng(1)
    weights = random.normal(size=7).astype(np.float32)
    yield weights, np.zeros(7, np.float32)
    step = make(weights)
    for _ in range(20):
        gradient = (random.normal(size=7) + np.linspace(-1, 1, 7)).astype(np.float32)
        yield step(gradient), gradient


def main(framework: str) -> None:
    """Write the files of one framework."""
    maker = {"torch": torch_step, "keras": keras_step}[framework]
    for kind, settings in CASES[framework]:
        rows = [np.stack(row) for row in trajectory(lambda w: maker(kind, settings, w))]  # noqa: B023
        name = ",".join([framework, kind] + [f"{key}={value:g}" for key, value in settings.items()])
        np.save(FOLDER / f"{name}.npy", np.stack(rows))


if __name__ == "__main__":
    main(sys.argv[1])
