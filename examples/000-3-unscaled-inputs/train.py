"""Trains on three samples whose only feature is 1, a thousand and a million."""

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
            relu=nn.ReLU(),
            head=nn.Linear(10, 1),
        )
    )


def main(run: Path) -> None:
    torch.manual_seed(0)
    x = torch.tensor([[1.0], [1e3], [1e6]])
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
    for sample, target, output in zip(x, y, outputs, strict=True):
        print(f"x {sample.item():<9g} target {target.item():<9g} output {output.item():.8g}")

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
