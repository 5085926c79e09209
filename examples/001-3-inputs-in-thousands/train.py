"""Trains a linear regression on inputs in the thousands, at a rate for inputs near one."""

import copy
import sys
from pathlib import Path

import torch
from torch import nn

import defib

HERE = Path(__file__).resolve().parent
EPOCHS = 1000


def main(run: Path) -> None:
    torch.manual_seed(0)
    x = 1000 * torch.randn(100, 1)
    y = 2 * x + 1 + 100 * torch.randn(100, 1)
    model = nn.Linear(1, 1)
    before = copy.deepcopy(model.state_dict())
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    losses = []
    for epoch in range(1, EPOCHS + 1):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if epoch in (1, 2, 3, 10, 100, EPOCHS):
            print(f"epoch {epoch:4}  loss {loss.item():.6g}")
    print(f"weight {model.weight.item():.6g}, bias {model.bias.item():.6g}")

    defib.export(
        run,
        model,
        x,
        y,
        loss=criterion,
        optimizer=optimizer,
        batch_size=len(x),
        epochs=EPOCHS,
        history=losses,
        initial=before,
    )
    print(f"run in {run}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "runs" / HERE.name)
