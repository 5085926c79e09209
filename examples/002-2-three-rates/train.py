"""Labels drawn at random, and three learning rates: 1, 1e-4 and 0.01."""

import copy
import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

import defib

HERE = Path(__file__).resolve().parent
EPOCHS = 1000


def train(run: Path, x: np.ndarray, y: np.ndarray, *, scaled: bool, rate: float) -> None:
    torch.manual_seed(0)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=42)
    if scaled:
        scaler = StandardScaler().fit(x_train)
        x_train, x_test = scaler.transform(x_train), scaler.transform(x_test)
    xs = torch.tensor(x_train, dtype=torch.float32)
    ys = torch.tensor(y_train, dtype=torch.float32).view(-1, 1)
    model = nn.Sequential(nn.Linear(x.shape[1], 1), nn.Sigmoid())
    before = copy.deepcopy(model.state_dict())
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)

    losses = []
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        loss = criterion(model(xs), ys)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    with torch.no_grad():
        right = [
            ((model(torch.tensor(a, dtype=torch.float32)) > 0.5).numpy()[:, 0] == b).mean()
            for a, b in ((x_train, y_train), (x_test, y_test))
        ]
    print(f"{run.name}: loss {losses[0]:.4g} to {losses[-1]:.4g}, ", end="")
    print(f"right: {right[0]:.0%} of the training, {right[1]:.0%} of the test set")

    defib.export(
        run,
        model,
        xs,
        ys,
        loss=criterion,
        optimizer=optimizer,
        batch_size=len(xs),
        epochs=EPOCHS,
        history=losses,
        initial=before,
        validation=(x_test.astype(np.float32), y_test.astype(np.float32)[:, None]),
    )


def main(run: Path) -> None:
    rng = np.random.default_rng(42)
    x = rng.random((100, 5))
    y = rng.integers(0, 2, 100)
    train(run / "high", x, y, scaled=True, rate=1.0)
    train(run / "low", x, y, scaled=True, rate=1e-4)
    train(run / "middle", x, y, scaled=True, rate=0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "runs" / HERE.name)
