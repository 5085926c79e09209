"""Labels drawn at random, six features of which one is ten thousand times the others."""

import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from training import train  # noqa: E402


def fit(run: Path, x: np.ndarray, y: np.ndarray, *, scaled: bool) -> None:
    torch.manual_seed(0)
    x, x_test, y, y_test = train_test_split(x, y[:, None], test_size=0.2, random_state=42)
    if scaled:
        scaler = StandardScaler().fit(x)
        x, x_test = scaler.transform(x), scaler.transform(x_test)
    model = nn.Sequential(nn.Linear(x.shape[1], 1), nn.Sigmoid())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = train(
        run, model, x, y, loss=nn.BCELoss(), optimizer=optimizer, epochs=1000,
        validation=(x_test, y_test),
    )  # fmt: skip
    print(f"{run.name}: loss {losses[0]:.4g} to {losses[-1]:.4g}")
    with torch.no_grad():
        for name, rows, labels in (("training", x, y), ("test", x_test, y_test)):
            right = (model(torch.tensor(rows, dtype=torch.float32)).numpy() > 0.5) == labels
            print(f"    {right.mean():.0%} of the {name} set")


def main(run: Path) -> None:
    rng = np.random.default_rng(42)
    x = np.concatenate([rng.random((100, 5)), rng.random((100, 1)) * 10_000], axis=1)
    y = rng.integers(0, 2, 100)
    fit(run / "raw", x, y, scaled=False)
    fit(run / "scaled", x, y, scaled=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "runs" / HERE.name)
