"""The generators of the cases' data, by name: each draws x [n, …] and y [n] or [n, targets]."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets

Array = NDArray[Any]
Arguments = dict[str, Any]


def _axis(spec: Arguments, rng: np.random.Generator) -> Array:
    kind = spec["kind"]
    if kind == "arange":
        return np.arange(spec["lo"], spec["hi"], spec["step"])
    if kind == "uniform":
        return np.asarray(rng.uniform(spec["lo"], spec["hi"], spec["n"]))
    if kind == "normal":
        return np.asarray(rng.normal(spec.get("mean", 0.0), spec.get("sd", 1.0), spec["n"]))
    raise ValueError(f"axis {kind!r}: expected arange, uniform or normal")


def _noise(kind: str, n: int, rng: np.random.Generator) -> Array:
    if kind == "cubed_normal":
        return np.asarray(rng.normal(size=n) ** 3)
    if kind.startswith("uniform"):
        low, high = (float(part) for part in kind.removeprefix("uniform").split(":"))
        return np.asarray(rng.uniform(low, high, n))
    if kind.startswith("normal"):
        return np.asarray(rng.normal(0.0, float(kind.removeprefix("normal")), n))
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
    """Normal clouds, one per class, `counts` points each, `apart` standard deviations apart."""
    counts, dim = args["counts"], args["dim"]
    centres = rng.normal(size=(len(counts), dim))
    centres *= args["apart"] / np.linalg.norm(centres, axis=1, keepdims=True)
    y = np.repeat(np.arange(len(counts)), counts)
    return centres[y] + rng.normal(size=(len(y), dim)), y


def moons(args: Arguments, _: np.random.Generator) -> tuple[Array, Array]:
    """Two half circles that reach into each other."""
    x, y = datasets.make_moons(args["n"], noise=args.get("noise", 0.1), random_state=0)
    return x, y


def friedman(args: Arguments, _: np.random.Generator) -> tuple[Array, Array]:
    """Friedman's first function: five of ten features count, in a product, a square and a sine."""
    x, y = datasets.make_friedman1(args["n"], noise=args.get("noise", 0.5), random_state=0)
    return x, y[:, None]


def groups(args: Arguments, _: np.random.Generator) -> tuple[Array, Array]:
    """Classes of two clouds each in 8 of 20 features."""
    x, y = datasets.make_classification(
        args["n"], 20, n_informative=8, n_classes=args["classes"], class_sep=2.5, random_state=0
    )
    return x, y


def rings(args: Arguments, _: np.random.Generator) -> tuple[Array, Array]:
    """A ring around another."""
    x, y = datasets.make_circles(args["n"], noise=0.08, factor=0.5, random_state=0)
    return x, y


GENERATORS: dict[str, Callable[[Arguments, np.random.Generator], tuple[Array, Array]]] = {
    f.__name__: f
    for f in (
        const_blocks, table, poly, linear, fn1d, two_boxes, digits, builtin, blobs, moons, friedman,
        groups, rings,
    )
}  # fmt: skip
