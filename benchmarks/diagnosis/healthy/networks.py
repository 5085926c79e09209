"""Sound networks of PyTorch beyond a chain of dense and convolutional layers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn import datasets
from torch import nn

import defib


def fit(
    run: Path,
    model: nn.Module,
    x: Any,
    y: Any,
    criterion: nn.Module,
    *,
    epochs: int,
    rate: float = 0.005,
    size: int = 32,
) -> None:
    """Train `model` with Adam on shuffled batches and export the run."""
    torch.manual_seed(0)
    initial = copy.deepcopy(model.state_dict())
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    xs, ys = torch.as_tensor(x), torch.as_tensor(y)
    history = []
    for _ in range(epochs):
        total = 0.0
        order = torch.randperm(len(xs))
        for rows in torch.split(order, size):
            optimizer.zero_grad()
            loss = criterion(model(xs[rows]), ys[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        history.append(total / len(xs))
    defib.export(
        run,
        model,
        xs.numpy(),
        ys.numpy(),
        loss=criterion,
        optimizer=optimizer,
        batch_size=size,
        epochs=epochs or None,
        history=history or None,
        initial=initial,
        shuffle=True,
    )


class Last(nn.Module):
    """A recurrent layer whose last state goes into a dense one."""

    def __init__(self, kind: type[nn.Module], width: int) -> None:
        super().__init__()
        self.recurrent = kind(1, width, batch_first=True)
        self.head = nn.Linear(width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map [n, steps, 1] to [n, 1]."""
        states, _ = self.recurrent(x)
        out: torch.Tensor = self.head(states[:, -1])
        return out


class Residual(nn.Module):
    """Two blocks that add to what they get."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Linear(64, 32)
        self.first = nn.Sequential(nn.LayerNorm(32), nn.Linear(32, 32), nn.ReLU())
        self.second = nn.Sequential(nn.LayerNorm(32), nn.Linear(32, 32), nn.ReLU())
        self.head = nn.Linear(32, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map [n, 64] to [n, 10]."""
        x = self.stem(x)
        x = x + self.first(x)
        x = x + self.second(x)
        out: torch.Tensor = self.head(x)
        return out


def _sequences() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (400, 8, 1)).astype(np.float32)
    return x, x.mean(axis=1) * 2


def _digits() -> tuple[Any, Any]:
    x, y = datasets.load_digits(return_X_y=True)
    return (x / 16).astype(np.float32), y


def lstm(run: Path) -> None:
    """The mean of a sequence, by an LSTM."""
    torch.manual_seed(0)
    fit(run, Last(nn.LSTM, 16), *_sequences(), nn.MSELoss(), epochs=30, rate=0.01)


def gru(run: Path) -> None:
    """The same by a GRU."""
    torch.manual_seed(0)
    fit(run, Last(nn.GRU, 16), *_sequences(), nn.MSELoss(), epochs=30, rate=0.01)


def lstm_fresh(run: Path) -> None:
    """An LSTM as it is initialised."""
    torch.manual_seed(0)
    fit(run, Last(nn.LSTM, 16), *_sequences(), nn.MSELoss(), epochs=0)


def residual(run: Path) -> None:
    """Digits by residual blocks with layer normalization."""
    torch.manual_seed(0)
    fit(run, Residual(), *_digits(), nn.CrossEntropyLoss(), epochs=8)


def conv_batchnorm(run: Path) -> None:
    """Digits by convolutions with batch normalization."""
    torch.manual_seed(0)
    x, y = _digits()
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10),
    )  # fmt: skip
    fit(run, model, x.reshape(-1, 1, 8, 8), y, nn.CrossEntropyLoss(), epochs=25, size=64)


def several_outputs(run: Path) -> None:
    """Three regression targets of scikit-learn's generator, standardised."""
    torch.manual_seed(0)
    x, y = datasets.make_regression(400, 6, n_targets=3, noise=5.0, random_state=0)
    y = (y - y.mean(axis=0)) / y.std(axis=0)
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3))
    fit(run, model, x.astype(np.float32), y.astype(np.float32), nn.MSELoss(), epochs=40)


def several_labels(run: Path) -> None:
    """Three yes-or-no labels per sample."""
    torch.manual_seed(0)
    x, y = datasets.make_multilabel_classification(400, n_features=10, n_classes=3, random_state=0)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 3))
    fit(run, model, x.astype(np.float32), y.astype(np.float32), nn.BCEWithLogitsLoss(), epochs=40)


def friedman(run: Path) -> None:
    """Friedman's first function, targets standardised."""
    torch.manual_seed(0)
    x, y = datasets.make_friedman1(500, noise=0.5, random_state=0)
    y = ((y - y.mean()) / y.std())[:, None]
    model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(),
                          nn.Linear(64, 1))  # fmt: skip
    fit(run, model, x.astype(np.float32), y.astype(np.float32), nn.MSELoss(), epochs=40)


def autoencoder(run: Path) -> None:
    """Digits through eight units and back."""
    torch.manual_seed(0)
    x, _ = _digits()
    model = nn.Sequential(
        nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 8), nn.ReLU(),
        nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 64), nn.Sigmoid(),
    )  # fmt: skip
    fit(run, model, x, x, nn.MSELoss(), epochs=30)


def poisson(run: Path) -> None:
    """Counts under a Poisson loss."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 3)).astype(np.float32)
    y = rng.poisson(np.exp(0.5 * x[:, :1] - 0.3 * x[:, 1:2] + 1)).astype(np.float32)
    model = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
    fit(run, model, x, y, nn.PoissonNLLLoss(), epochs=40)


MODELS: dict[str, Callable[[Path], None]] = {
    f.__name__.replace("_", "-"): f
    for f in (
        lstm, gru, lstm_fresh, residual, conv_batchnorm, several_outputs, several_labels,
        friedman, autoencoder, poisson,
    )
}  # fmt: skip
