"""The data of a case: what its generator draws, a split, then what the script did to them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .generators import GENERATORS, Arguments, Array


@dataclass(frozen=True)
class Data:
    """Training rows, and held-out rows where the case splits some off."""

    x: Array
    y: Array
    x_test: Array | None = None
    y_test: Array | None = None


def make(spec: Arguments, rng: np.random.Generator) -> Data:
    """Draw the data of a case: x [n, …] and y [n] or [n, targets], and the split if it asks."""
    x, y = GENERATORS[spec["generator"]](spec.get("args", {}), rng)
    data = Data(x, y)
    if spec.get("test_frac"):
        order = rng.permutation(len(x))
        cut = round(len(x) * (1 - spec["test_frac"]))
        data = Data(x[order[:cut]], y[order[:cut]], x[order[cut:]], y[order[cut:]])
    for step in spec.get("preprocessing", []):
        data = _prepared(data, step, rng)
    return data


def _prepared(data: Data, step: Arguments, rng: np.random.Generator) -> Data:
    op = step["op"]
    if op == "scale_x_test_only" and data.x_test is not None:
        return replace(data, x_test=data.x_test * step["by"])
    if op == "divide_train_labels_to_int":
        return replace(data, y=(data.y / step["by"]).astype(int))
    if op in ("standardize_x", "standardize_y"):
        name = op[-1]
        train = getattr(data, name)
        mean, std = train.mean(axis=0), train.std(axis=0)
        std = np.where(std > 0, std, 1.0)
        test = getattr(data, f"{name}_test")
        scaled = {name: (train - mean) / std}
        if test is not None:
            scaled[f"{name}_test"] = (test - mean) / std
        return replace(data, **scaled)
    if op == "scale_x":
        by = np.array(step["by"], float)
        return replace(
            data, x=data.x * by, x_test=None if data.x_test is None else data.x_test * by
        )
    if op == "shift_x":
        by = np.array(step["by"], float)
        return replace(
            data, x=data.x + by, x_test=None if data.x_test is None else data.x_test + by
        )
    if op == "scale_y":
        return replace(
            data,
            y=data.y * step["by"],
            y_test=None if data.y_test is None else data.y_test * step["by"],
        )
    if op == "shuffle_train_labels":
        return replace(data, y=rng.permutation(data.y))
    if op == "column":
        return replace(
            data,
            y=data.y.reshape(len(data.y), -1).astype(float),
            y_test=None if data.y_test is None else data.y_test.reshape(len(data.y_test), -1) * 1.0,
        )
    raise ValueError(f"preprocessing {op!r} is not known")
