"""A line with one target far off, under squared and under absolute error."""

import copy
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import defib

HERE = Path(__file__).resolve().parent


def train(
    run: Path, model: nn.Module, x: np.ndarray, y: np.ndarray, criterion: nn.Module, epochs: int
) -> None:
    torch.manual_seed(0)
    xs, ys = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    before = copy.deepcopy(model.state_dict())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for xb, yb in DataLoader(TensorDataset(xs, ys), batch_size=16, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        losses.append(total / len(xs))
    print(f"{run.name}: loss {losses[0]:.5g} to {losses[-1]:.5g}", end="")
    print(f", target variance {y.var():.5g}")

    defib.export(
        run,
        model,
        xs,
        ys,
        loss=criterion,
        optimizer=optimizer,
        batch_size=16,
        epochs=epochs,
        history=losses,
        initial=before,
        shuffle=True,
    )


def main(run: Path) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(42)
    x = rng.random((100, 1)) * 10
    y = 2 * x + 2 * rng.normal(size=(100, 1))
    y[10] = 50
    train(run / "squared", nn.Linear(1, 1), x, y, nn.MSELoss(), epochs=100)
    train(run / "absolute", nn.Linear(1, 1), x, y, nn.L1Loss(), epochs=100)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "runs" / HERE.name)
