"""The workloads: each writes its files to a folder and returns the arguments of the command line.

They need nothing but Python, whose numbers are the same in every version.
"""

from __future__ import annotations

import array
import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Array = tuple[tuple[int, ...], Sequence[float]]
Node = dict[str, Any]
Workload = Callable[[Path], list[str]]


def save(path: Path, shape: tuple[int, ...], values: Sequence[float]) -> None:
    """Write float32 values as .npy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    header = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()
    path.write_bytes(header + array.array("f", values).tobytes())


def numbers(rng: random.Random, *shape: int, scale: float = 1.0) -> Array:
    """Draw numbers between -scale and scale."""
    return shape, [scale * (2 * rng.random() - 1) for _ in range(math.prod(shape))]


def node(op: str, inputs: list[str], output: str, **attributes: Any) -> Node:
    """Return one node, named after what it computes."""
    return {
        "name": output,
        "op": op,
        "inputs": inputs,
        "outputs": [output],
        "attributes": attributes,
    }


def write_run(
    folder: Path, nodes: list[Node], parameters: Mapping[str, Array], x: Array, y: Array, loss: str
) -> None:
    """Write a run whose last node is the prediction."""
    for name, (shape, values) in parameters.items():
        save(folder / f"weights/{name}.npy", shape, values)
    save(folder / "data/x.npy", *x)
    save(folder / "data/y.npy", *y)
    output = nodes[-1]["outputs"][0]
    run = {
        "format": "defib-run",
        "version": 1,
        "graph": {
            "inputs": ["x"],
            "nodes": nodes,
            "parameters": [{"name": n, "file": f"weights/{n}.npy"} for n in parameters],
            "outputs": [output],
        },
        "data": {"x": "data/x.npy", "y": "data/y.npy"},
        "losses": [{"kind": loss, "prediction": output, "target": "y"}],
        "training": {
            "optimizer": {"kind": "adam", "learning_rate": 0.001},
            "batch_size": 16,
            "epochs": 1,
        },
    }
    (folder / "run.json").write_text(json.dumps(run))


def check(folder: Path) -> list[str]:
    """Check an MLP of three layers."""
    rng = random.Random(1)
    parameters: dict[str, Array] = {}
    nodes: list[Node] = []
    source = "x"
    for index, (inputs, outputs) in enumerate([(8, 12), (12, 8), (8, 1)]):
        name = f"fc{index}"
        parameters[f"{name}.weight"] = numbers(rng, outputs, inputs, scale=inputs**-0.5)
        parameters[f"{name}.bias"] = numbers(rng, outputs, scale=0.1)
        nodes.append(node("Gemm", [source, f"{name}.weight", f"{name}.bias"], name, transB=1))
        source = name
        if index < 2:
            source = f"relu{index}"
            nodes.append(node("Relu", [name], source))
    x, y = numbers(rng, 60, 8), numbers(rng, 60, 1)
    write_run(folder, nodes, parameters, x, y, "mse")
    return ["check", str(folder), "--workers", "1", "--fail-on", "never"]


def sequences(folder: Path) -> list[str]:
    """Check functions that Defib computes itself, without oneDNN."""
    rng = random.Random(2)
    parameters: dict[str, Array] = {
        "scale": ((8,), [1.0] * 8),
        "shift": ((8,), [0.0] * 8),
        "weight": numbers(rng, 3, 24, scale=0.1),
    }
    nodes = [
        node("LayerNormalization", ["x", "scale", "shift"], "norm", axis=-1),
        node("Gelu", ["norm"], "gelu"),
        node("Sigmoid", ["gelu"], "gate"),
        node("Tanh", ["norm"], "tanh"),
        node("Mul", ["gate", "tanh"], "gated"),
        node("Softmax", ["gated"], "softmax", axis=-1),
        node("Add", ["softmax", "gated"], "sum"),
        node("Flatten", ["sum"], "flat"),
        node("Gemm", ["flat", "weight"], "scores", transB=1),
    ]
    x = numbers(rng, 24, 3, 8)
    y: Array = (24,), [rng.randrange(3) for _ in range(24)]
    write_run(folder, nodes, parameters, x, y, "cross-entropy")
    return ["check", str(folder), "--workers", "1", "--fail-on", "never"]


def inspect(folder: Path) -> list[str]:
    """Inspect one array."""
    save(folder / "values.npy", *numbers(random.Random(3), 40_000, 8))
    return ["inspect", str(folder / "values.npy")]


WORKLOADS: tuple[tuple[str, Workload], ...] = (
    ("check", check),
    ("sequences", sequences),
    ("inspect", inspect),
)
