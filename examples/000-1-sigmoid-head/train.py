"""Trains a regression whose head is a sigmoid, towards targets that mostly lie out of its reach."""

import copy
import sys
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

import defib

HERE = Path(__file__).resolve().parent
EPOCHS = 1000


def make_model() -> nn.Module:
    return nn.Sequential(
        OrderedDict(
            hidden=nn.Linear(1, 10),
            hidden_sigmoid=nn.Sigmoid(),
            head=nn.Linear(10, 1),
            head_sigmoid=nn.Sigmoid(),  # yields values between 0 and 1, whatever comes in
        )
    )


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
    outside = ((y < 0) | (y > 1)).float().mean()
    print(f"outputs {outputs.min():.6g} to {outputs.max():.6g}")
    print(f"targets {y.min():.6g} to {y.max():.6g}, {outside:.0%} of them outside 0 to 1")

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
