"""Whole processes of the command line, beside what does the same without it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import nn

import defib

from . import networks
from .turns import Side, alternate

ROOT = Path(__file__).resolve().parents[2]
#: Floats of the array that is inspected: 1 GiB of them.
FLOATS = 1 << 28
#: Batch and rows of the run that is checked.
BATCH, ROWS = 32, 1000


@dataclass(frozen=True)
class Command:
    """A command, and the other sides by name, once its files are written into a folder."""

    name: str
    title: str
    sides: Callable[[Path], dict[str, Side]]
    targets: Mapping[str, float] = field(default_factory=dict)
    """Other side -> the largest ratio of the command's time to its."""
    most: float | None = None
    """The most milliseconds that the command may take."""


@dataclass(frozen=True)
class Taken:
    """What the sides of a command took: medians, in milliseconds."""

    workload: str
    milliseconds: dict[str, float]
    ratios: dict[str, float]
    others: float
    """The most cores that other programs had in one of the rounds."""


def measure(
    command: Command, folder: Path, rounds: int, patience: float, tell: Callable[[str], None]
) -> Taken:
    """Let the sides of a command take turns."""
    found = alternate(command.sides(folder), rounds, patience, tell)
    times = {name: [1e3 * each.turns[name].wall for each in found] for name in found[0].turns}
    ratios = {
        name: median(own / other for own, other in zip(times["defib"], taken, strict=True))
        for name, taken in times.items()
        if name != "defib"
    }
    others = max(each.others for each in found)
    return Taken(
        command.name, {name: median(taken) for name, taken in times.items()}, ratios, others
    )


def process(*arguments: str | Path) -> Side:
    """Return a side that runs a process to its end; whatever it prints is dropped."""

    def turn() -> None:
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)

    return turn


def inspection(folder: Path) -> dict[str, Side]:
    """Write 1 GiB of floats, which stay in the page cache, and return who looks at them."""
    path = folder / "values.npy"
    array = np.lib.format.open_memmap(path, mode="w+", dtype="<f4", shape=(FLOATS // 1024, 1024))
    generator = np.random.default_rng(0)
    for start in range(0, len(array), 4096):
        part = array[start : start + 4096]
        part[:] = generator.standard_normal(part.shape, dtype="f4")
    del array, part
    source = np.load(path)
    target = np.empty_like(source)

    def copy() -> None:
        subprocess.run(f"cat '{path}' >/dev/null", shell=True, check=True)
        np.copyto(target, source)

    return {
        "defib": process(ROOT / "bin/npyinspect", path),
        "numpy": lambda: figures(np.load(path, mmap_mode="r")),
        "cat and memcpy": copy,
    }


def figures(values: np.ndarray) -> None:
    """Compute with NumPy, in one thread as it does, what the inspector shows of a matrix."""
    finite = np.isfinite(values)
    np.isnan(values).sum(), np.isposinf(values).sum(), np.isneginf(values).sum()
    low, high = values.min(where=finite, initial=np.inf), values.max(where=finite, initial=-np.inf)
    values.argmin(), values.argmax()
    values.mean(dtype=np.float64), values.std(dtype=np.float64)
    (values == 0).sum(), (values < 0).sum()
    np.histogram(values, bins=16, range=(float(low), float(high)))
    for column in values[:, :8].T:
        column.min(), column.max(), column.mean(dtype=np.float64), column.std(dtype=np.float64)


def small_check(folder: Path) -> dict[str, Side]:
    """Export a small training, and return its check and a script that measures it with PyTorch."""
    torch.manual_seed(0)
    model = networks.perceptron(10, 64, 64, 1)
    x = torch.randn(ROWS, 10)
    y = torch.sin(x.sum(1, keepdim=True)) + 0.1 * torch.randn(ROWS, 1)
    optimizer, criterion = torch.optim.Adam(model.parameters(), 1e-3), nn.MSELoss()
    for _ in range(10):
        for start in range(0, ROWS, BATCH):
            optimizer.zero_grad()
            criterion(model(x[start : start + BATCH]), y[start : start + BATCH]).backward()
            optimizer.step()
    run = folder / "run"
    defib.export(run, model, x, y, loss=criterion, optimizer=optimizer, batch_size=BATCH, epochs=10)
    script = Path(__file__).with_name("small.py")
    return {
        "defib": process(ROOT / "bin/defib", "check", run, "--fail-on", "never"),
        "torch": process(sys.executable, script, run),
    }


#: In the order of the tables.
COMMANDS = (
    Command(
        "npyinspect", "npyinspect of 1 GiB of float32 in the page cache", inspection,
        targets={"numpy": 1 / 15, "cat and memcpy": 2.0},
    ),
    Command(
        "check-small", "defib check of an MLP 10-64-64-1 with Adam and 1000 rows", small_check,
        targets={"torch": 1 / 20}, most=60,
    ),
)  # fmt: skip
