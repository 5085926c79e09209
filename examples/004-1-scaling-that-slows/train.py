"""Features times 10 and times 1000 under Adam, as they are and standardised."""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from training import train  # noqa: E402


def fit(run: Path, model: nn.Module, x: np.ndarray, y: np.ndarray) -> None:
    torch.manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = train(
        run, model, x, y, loss=nn.MSELoss(), optimizer=optimizer, epochs=100, batch_size=16
    )  # fmt: skip
    print(f"{run.name}: loss {losses[0]:.5g} to {losses[-1]:.5g}, ", end="")
    print(f"target variance {y.var():.5g}")


def main(run: Path) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(42)
    x = rng.random((100, 2)) * np.array([10, 1000])
    y = (3 * x[:, 0] + 0.5 * x[:, 1] + 5 * rng.normal(size=100))[:, None]
    fit(run / "raw", nn.Linear(2, 1), x, y)
    fit(run / "scaled", nn.Linear(2, 1), (x - x.mean(axis=0)) / x.std(axis=0), y)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "runs" / HERE.name)
