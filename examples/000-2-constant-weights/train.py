"""Trains a network whose weights all start at one small value."""

import copy
import sys
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

import defib

HERE = Path(__file__).resolve().parent
EPOCHS = 1000
EVERY_WEIGHT = 1e-4


def make_model() -> nn.Module:
    model = nn.Sequential(
        OrderedDict(
            hidden=nn.Linear(1, 10, bias=False),
            relu=nn.ReLU(),
            head=nn.Linear(10, 1, bias=False),
        )
    )
    for parameter in model.parameters():
        nn.init.constant_(parameter, EVERY_WEIGHT)
    return model


def main(run: Path) -> None:
    torch.manual_seed(0)
    x = torch.randn(100, 1)
    y = 2 * x + 1
    model = make_model()
    before = copy.deepcopy(model.state_dict())
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

    losses = []
    for epoch in range(1, EPOCHS + 1):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if epoch in (1, 10, 100, EPOCHS):
            print(f"epoch {epoch:4}  loss {loss.item():.6g}")

    with torch.no_grad():
        outputs = model(x)
    weights = model.get_parameter("hidden.weight").detach()
    print(f"outputs {outputs.min():.6g} to {outputs.max():.6g}")
    print(f"hidden weights {weights.min():.6g} to {weights.max():.6g}")

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
