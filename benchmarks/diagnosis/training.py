"""Training a case as its script did, and exporting the run."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch

import defib

from . import data, losses, networks
from .cases import Case


def optimizer(spec: dict[str, Any], lr: float, parameters: Any) -> torch.optim.Optimizer:
    """Return PyTorch's optimizer for the settings of a case."""
    options = {key: value for key, value in spec.items() if key != "name"}
    kinds: dict[str, Any] = {
        "sgd": torch.optim.SGD,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "rmsprop": torch.optim.RMSprop,
        "adagrad": torch.optim.Adagrad,
    }
    kind = spec["name"]
    if kind == "rmsprop":  # Keras' defaults, where the reports come from
        options = {"alpha": 0.9, "eps": 1e-7, **options}
    built: torch.optim.Optimizer = kinds[kind](parameters, lr=lr, **options)
    return built


def train(case: Case, seed: int, run: Path) -> None:
    """Train `case` from `seed` and write the run to the folder `run`."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    drawn = data.make(case["data"], rng)
    model = networks.build(case["layers"])
    initial = copy.deepcopy(model.state_dict())
    compute, entry = losses.LOSSES[case["loss"]]
    updates = optimizer(case["optimizer"], case["lr"], model.parameters())

    history = []
    x, y = _tensors(case, drawn)
    size = case["batch_size"] or len(x)
    for _ in range(case["epochs"]):
        if case["data"].get("resample_each_epoch"):
            drawn = data.make(case["data"], rng)
            x, y = _tensors(case, drawn)
        history.append(_epoch(model, compute, updates, x, y, size, rng))

    validation = None
    if drawn.x_test is not None and drawn.y_test is not None:
        validation = (
            np.asarray(drawn.x_test, np.float32), losses.targets(case["loss"], drawn.y_test),
        )  # fmt: skip
    defib.export(
        run,
        model,
        x.numpy(),
        losses.targets(case["loss"], drawn.y),
        loss=dict(entry),
        optimizer=updates,
        batch_size=size,
        epochs=case["epochs"] or None,
        history=history or None,
        initial=initial,
        validation=validation,
        shuffle=size < len(x),
    )


def _tensors(case: Case, drawn: data.Data) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.from_numpy(np.asarray(drawn.x, np.float32))
    return x, torch.from_numpy(losses.targets(case["loss"], drawn.y))


def _epoch(
    model: torch.nn.Module,
    compute: Any,
    updates: torch.optim.Optimizer,
    x: torch.Tensor,
    y: torch.Tensor,
    size: int,
    rng: np.random.Generator,
) -> float:
    """Run one pass over the data; returns the mean of the batches' losses."""
    total, batches = 0.0, math.ceil(len(x) / size)
    order = torch.from_numpy(rng.permutation(len(x))) if batches > 1 else None
    for batch in range(batches):
        rows = slice(batch * size, (batch + 1) * size)
        xs, ys = (x[rows], y[rows]) if order is None else (x[order[rows]], y[order[rows]])
        updates.zero_grad()
        loss = compute(model(xs), ys)
        loss.backward()
        updates.step()
        total += loss.item()
    return total / batches
