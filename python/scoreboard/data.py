"""The data of a case: generators by name, then a split, then what the script did to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets

Array = NDArray[Any]
Arguments = dict[str, Any]


@dataclass(frozen=True)
class Data:
    """Training rows, and held-out rows where the case splits some off."""

    x: Array
    y: Array
    x_test: Array | None = None
    y_test: Array | None = None


def _axis(spec: Arguments, rng: np.random.Generator) -> Array:
    kind = spec["kind"]
    if kind == "arange":
        return np.arange(spec["lo"], spec["hi"], spec["step"])
    if kind == "uniform":
        return rng.uniform(spec["lo"], spec["hi"], spec["n"])
    if kind == "normal":
        return rng.normal(spec.get("mean", 0.0), spec.get("sd", 1.0), spec["n"])
    raise ValueError(f"axis {kind!r}: expected arange, uniform or normal")


def _noise(kind: str, n: int, rng: np.random.Generator) -> Array:
    if kind == "cubed_normal":
        return rng.normal(size=n) ** 3
    if kind.startswith("uniform"):
        low, high = (float(part) for part in kind.removeprefix("uniform").split(":"))
        return rng.uniform(low, high, n)
    if kind.startswith("normal"):
        return rng.normal(0.0, float(kind.removeprefix("normal")), n)
    raise ValueError(f"noise {kind!r}: expected cubed_normal, uniformLOW:HIGH or normalSD")


def const_blocks(args: Arguments, _: np.random.Generator) -> tuple[Array, Array]:
    """Rows of ones, then rows of zeros; the label says which."""
    n, dim = args["n_per_class"], args["dim"]
    x = np.concatenate([np.ones((n, dim)), np.zeros((n, dim))])
    return x, np.repeat([[1.0], [0.0]], n, axis=0)


def table(args: Arguments, _: np.random.Generator) -> tuple[Array, Array]:
    """The rows as they stand."""
    return np.array(args["X"], float), np.array(args["y"])


def poly(args: Arguments, rng: np.random.Generator) -> tuple[Array, Array]:
    """A polynomial of one feature, coefficients from the constant up."""
    x = _axis(args["x"], rng)
    y = sum(c * x**power for power, c in enumerate(args["coef"]))
    if "noise" in args:
        y = y + _noise(args["noise"], len(x), rng)
    return x[:, None], np.asarray(y)[:, None]


def linear(args: Arguments, rng: np.random.Generator) -> tuple[Array, Array]:
    """A line or plane over features drawn evenly between lo and hi."""
    weights = np.array(args["w"], float)
    scale = np.array(args.get("scales", np.ones(len(weights))), float)
    x = rng.uniform(args["lo"], args["hi"], (args["n"], len(weights))) * scale
    y = x @ weights + args["b"] + rng.normal(0.0, args.get("noise_sd", 0.0), len(x))
    return x, y[:, None]


def fn1d(args: Arguments, rng: np.random.Generator) -> tuple[Array, Array]:
    """A named function of one feature."""
    x = _axis(args["x"], rng)
    functions: dict[str, Callable[[Array], Array]] = {
        "relu": lambda x: np.maximum(x, 0),
        "half": lambda x: x / 2,
        "sin": np.sin,
        "abs": np.abs,
    }
    y = functions[args["fn"]](x)
    if "noise" in args:
        y = y + _noise(args["noise"], len(x), rng)
    return x[:, None], y[:, None]


def two_boxes(args: Arguments, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two boxes of points apart from each other, `n` points each."""
    n = args["n"]
    x = np.concatenate([rng.uniform(0, 1, (n, 2)), rng.uniform(2, 3, (n, 2))])
    return x, np.repeat([0, 1], n)


def digits(args: Arguments, _: np.random.Generator) -> tuple[Array, Array]:
    """scikit-learn's 8 by 8 digits: raw 0 to 16, unit 0 to 1, or byte 0 to 255."""
    x, y = datasets.load_digits(return_X_y=True)
    x = x * {"raw": 1.0, "unit": 1 / 16, "byte": 255 / 16}[args["scale"]]
    return (x.reshape(-1, 1, 8, 8) if args.get("image") else x), y


def builtin(args: Arguments, _: np.random.Generator) -> tuple[Array, Array]:
    """One of scikit-learn's small data sets, targets as a column for regression."""
    x, y = getattr(datasets, f"load_{args['name']}")(return_X_y=True)
    return x, (y[:, None].astype(float) if args.get("column") else y)


def blobs(args: Arguments, rng: np.random.Generator) -> tuple[Array, Array]:
    """Normal clouds, one a class, `counts` points each, `apart` standard deviations apart."""
    counts, dim = args["counts"], args["dim"]
    centres = rng.normal(size=(len(counts), dim))
    centres *= args["apart"] / np.linalg.norm(centres, axis=1, keepdims=True)
    y = np.repeat(np.arange(len(counts)), counts)
    return centres[y] + rng.normal(size=(len(y), dim)), y


def moons(args: Arguments, _: np.random.Generator) -> tuple[Array, Array]:
    """Two half circles that reach into each other."""
    x, y = datasets.make_moons(args["n"], noise=args.get("noise", 0.1), random_state=0)
    return x, y


GENERATORS: dict[str, Callable[[Arguments, np.random.Generator], tuple[Array, Array]]] = {
    f.__name__: f
    for f in (
        const_blocks, table, poly, linear, fn1d, two_boxes, digits, builtin, blobs, moons,
    )
}  # fmt: skip


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
