"""A line with one target far off, under squared and under absolute error."""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from training import train  # noqa: E402


def fit(run: Path, model: nn.Module, x: np.ndarray, y: np.ndarray, loss: nn.Module) -> None:
    torch.manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = train(
        run, model, x, y, loss=loss, optimizer=optimizer, epochs=100, batch_size=16
    )  # fmt: skip
    print(f"{run.name}: loss {losses[0]:.5g} to {losses[-1]:.5g}, ", end="")
    print(f"target variance {y.var():.5g}")


def main(run: Path) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(42)
    x = rng.random((100, 1)) * 10
    y = 2 * x + 2 * rng.normal(size=(100, 1))
    y[10] = 50
    fit(run / "squared", nn.Linear(1, 1), x, y, nn.MSELoss())
    fit(run / "absolute", nn.Linear(1, 1), x, y, nn.L1Loss())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "runs" / HERE.name)
