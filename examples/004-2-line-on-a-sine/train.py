"""A sine, fitted by a line and by a network of ten hidden units."""

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
        run, model, x, y, loss=nn.MSELoss(), optimizer=optimizer, epochs=200, batch_size=16
    )  # fmt: skip
    print(f"{run.name}: loss {losses[0]:.5g} to {losses[-1]:.5g}, ", end="")
    print(f"target variance {y.var():.5g}")


def main(run: Path) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(42)
    x = rng.random((200, 1)) * 10
    y = np.sin(x) + 0.2 * rng.normal(size=(200, 1))
    mlp = nn.Sequential(nn.Linear(1, 10), nn.ReLU(), nn.Linear(10, 1))
    fit(run / "line", nn.Linear(1, 1), x, y)
    fit(run / "mlp", mlp, x, y)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "runs" / HERE.name)
