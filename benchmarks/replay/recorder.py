"""What the snapshots of a Recorder cost a training: the figures of docs/python.md.

python -m benchmarks.replay.recorder --rounds 9

Every round trains with a recorder that keeps snapshots and with one that keeps none, one after the
other, in an order that changes from round to round; the medians are compared.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable

import torch
from torch import nn

import defib


def mlp() -> tuple[nn.Module, torch.Tensor]:
    """Return a network on rows, and its data."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)
    )
    return model, torch.randn(4096, 64)


def cnn() -> tuple[nn.Module, torch.Tensor]:
    """Return a network on images, and its data."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip
    return model, torch.randn(512, 3, 16, 16)


def train(make: Callable[[], tuple[nn.Module, torch.Tensor]], steps: int, snapshots: int) -> float:
    """Train with a recorder; return the seconds, without the export."""
    model, x = make()
    y = torch.randint(0, 10, (len(x),))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    with tempfile.TemporaryDirectory() as folder:
        recorder = defib.Recorder(f"{folder}/run", model, snapshots=snapshots)
        start = time.perf_counter()
        for step in range(steps):
            rows = torch.arange(step * 64, step * 64 + 64) % len(x)
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            recorder.step(loss)
        return time.perf_counter() - start


def main() -> None:
    """Measure both networks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    for name, make, steps in (("MLP", mlp, 1000), ("CNN", cnn, 150)):
        seconds: dict[int, list[float]] = {0: [], 8: []}
        for number in range(rounds + 1):
            for snapshots in sorted(seconds, reverse=bool(number % 2)):
                taken = train(make, steps, snapshots)
                if number:  # the first round warms up
                    seconds[snapshots].append(taken)
        without, with_ = (statistics.median(seconds[count]) for count in (0, 8))
        print(
            f"{name}, {steps} updates: {1000 * without / steps:.3f} ms per update without, "
            f"{1000 * with_ / steps:.3f} with 8 snapshots: {100 * (with_ / without - 1):+.2f} %"
        )


if __name__ == "__main__":
    main()
