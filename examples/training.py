"""What the scripts of documents 001, 002 and 004 share: a plain loop of PyTorch, and the export."""

import copy
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import defib


def train(
    run: Path,
    model: nn.Module,
    x: np.ndarray,
    y: np.ndarray,
    *,
    loss: nn.Module,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    batch_size: int | None = None,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
) -> list[float]:
    """Train, write the run, and return the loss of every epoch.

    Without a batch size all samples are one batch; with one they are shuffled.
    """
    xs, ys = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y, dtype=torch.float32)
    before = copy.deepcopy(model.state_dict())
    batches = DataLoader(
        TensorDataset(xs, ys), batch_size=batch_size or len(xs), shuffle=batch_size is not None
    )
    history = []
    for _ in range(epochs):
        total = 0.0
        for xb, yb in batches:
            optimizer.zero_grad()
            value = loss(model(xb), yb)
            value.backward()
            optimizer.step()
            total += value.item() * len(xb)
        history.append(total / len(xs))
    defib.export(
        run,
        model,
        xs,
        ys,
        loss=loss,
        optimizer=optimizer,
        batch_size=batch_size or len(xs),
        epochs=epochs,
        history=history,
        initial=before,
        validation=validation and tuple(np.asarray(part, np.float32) for part in validation),
        shuffle=batch_size is not None,
    )
    return history
