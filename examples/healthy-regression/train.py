"""Trains a sound regression: standardised data, a fitting network, a fitting step."""

import copy
import sys
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

import defib

HERE = Path(__file__).resolve().parent
EPOCHS = 100
BATCH = 32


def make_model() -> nn.Module:
    return nn.Sequential(
        OrderedDict(
            hidden=nn.Linear(3, 16),
            relu=nn.ReLU(),
            head=nn.Linear(16, 1),
        )
    )


def make_data(samples: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Three features of spread 1, and a target that bends in one of them; noise of 0.1."""
    x = torch.randn(samples, 3)
    y = 0.6 * x[:, :1] - 0.5 * x[:, 1:2] + 0.6 * torch.tanh(2 * x[:, 2:])
    return x, y + 0.1 * torch.randn(samples, 1)


def main(run: Path) -> None:
    torch.manual_seed(0)
    x, y = make_data(2000)
    x_validation, y_validation = make_data(2000)
    model = make_model()
    before = copy.deepcopy(model.state_dict())
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    losses = []
    for epoch in range(1, EPOCHS + 1):
        total = 0.0
        for rows in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / len(x))
        if epoch in (1, 10, EPOCHS):
            print(f"epoch {epoch:4}  loss {losses[-1]:.6g}")

    with torch.no_grad():
        outputs = model(x)
        validation = criterion(model(x_validation), y_validation)
    print(f"validation loss {validation:.6g}, variance of the targets {y.var():.6g}")
    print(f"outputs {outputs.min():.6g} to {outputs.max():.6g}")

    defib.export(
        run,
        model,
        x,
        y,
        loss=criterion,
        optimizer=optimizer,
        batch_size=BATCH,
        epochs=EPOCHS,
        history=losses,
        initial=before,
        validation=(x_validation, y_validation),
    )
    print(f"run in {run}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "runs" / HERE.name)
