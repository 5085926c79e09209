"""Trains a linear regression on inputs in the thousands, at a rate for inputs near one."""

import sys
from pathlib import Path

import torch
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from training import train  # noqa: E402

EPOCHS = 1000


def main(run: Path) -> None:
    torch.manual_seed(0)
    x = 1000 * torch.randn(100, 1)
    y = 2 * x + 1 + 100 * torch.randn(100, 1)
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = train(run, model, x, y, loss=nn.MSELoss(), optimizer=optimizer, epochs=EPOCHS)
    for epoch in (1, 2, 3, 10, 100, EPOCHS):
        print(f"epoch {epoch:4}  loss {losses[epoch - 1]:.6g}")
    print(f"weight {model.weight.item():.6g}, bias {model.bias.item():.6g}")
    print(f"run in {run}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "runs" / HERE.name)
