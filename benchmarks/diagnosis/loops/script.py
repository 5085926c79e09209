"""What all PyTorch scripts share: data, network, optimizer, batches, and a record of losses."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

import numpy as np
import torch
from torch import nn

from .networks import NETWORKS
from .tasks import TASKS
from .told import Told

Tensor = torch.Tensor

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "momentum": lambda parameters, **more: torch.optim.SGD(parameters, momentum=0.9, **more),
    "adam": torch.optim.Adam,
}
CRITERIA: dict[str, Callable[[], nn.Module]] = {
    "mse": nn.MSELoss,
    "cross-entropy": nn.CrossEntropyLoss,
    "bce": nn.BCEWithLogitsLoss,
}


@dataclass(frozen=True)
class Setup:
    """A training that works: network (its name begins with the task), optimizer, length."""

    network: str
    optimizer: str
    rate: float
    epochs: int
    size: int = 32
    validation: bool = False
    build: Callable[[], nn.Module] | None = None
    """What builds the network, where the name alone does not say."""
    criterion: Callable[[], nn.Module] | None = None
    """What makes the loss, where the task's is not meant."""

    def but(self, **changes: Any) -> Setup:
        """Return the setup with changes."""
        return replace(self, **changes)


class Script:
    """A script that stands before its loop."""

    def __init__(self, setup: Setup, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.setup = setup
        self.task = TASKS[setup.network.split("-")[0]]()
        self.x, self.y = torch.from_numpy(self.task.x), torch.from_numpy(self.task.y)
        self.x_aside = torch.from_numpy(self.task.x_aside)
        self.y_aside = torch.from_numpy(self.task.y_aside)
        self.model = (setup.build or NETWORKS[setup.network])()
        self.criterion = (setup.criterion or CRITERIA[self.task.loss])()
        self.optimizer = self.over(self.model.parameters())
        self.history: list[float] = []
        self.initial: dict[str, Any] | None = None
        self.given: dict[str, Any] = {}
        self._losses: list[float] = []

    def over(self, parameters: Any, **more: Any) -> torch.optim.Optimizer:
        """Return the optimizer of the script over `parameters`."""
        return OPTIMIZERS[self.setup.optimizer](parameters, **{"lr": self.setup.rate} | more)

    @property
    def updates(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.x) // self.setup.size)

    def epochs(self, count: int | None = None) -> Iterator[int]:
        """Count the epochs, keep the weights before the first, and note the mean loss of each."""
        if self.initial is None:
            self.initial = copy.deepcopy(self.model.state_dict())
        for epoch in range(count or self.setup.epochs):
            self._losses = []
            self.model.train()
            yield epoch
            if self._losses:
                self.history.append(fmean(self._losses))

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Draw the batches of an epoch."""
        for rows in torch.split(torch.randperm(len(self.x)), self.setup.size):
            yield self.x[rows], self.y[rows]

    def note(self, loss: Tensor | float) -> None:
        """Note the loss of a batch."""
        self._losses.append(float(loss))

    def last(self) -> float:
        """Return the mean of the losses that this epoch has noted so far."""
        return fmean(self._losses)

    def latest(self) -> float:
        """Return the loss that was noted last."""
        return self._losses[-1]

    def loss(self, x: Tensor, y: Tensor) -> Any:
        """Return the loss of a batch, and note it."""
        value = self.criterion(self.model(x), y)
        self.note(value.detach())
        return value

    def update(self, loss: Any) -> None:
        """Do what every loop does with a loss."""
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def aside(self) -> float:
        """Return the loss on the rows kept aside."""
        self.model.eval()
        with torch.no_grad():
            value = float(self.criterion(self.model(self.x_aside), self.y_aside))
        self.model.train()
        return value

    def told(self) -> Told:
        """Return what the author knows at the end."""
        self.model.eval()
        with torch.no_grad():
            outputs = np.asarray(self.model(self.x_aside).numpy())
        self.model.train()
        given: dict[str, Any] = {
            "optimizer": self.optimizer,
            "batch_size": self.setup.size,
            "epochs": len(self.history) or self.setup.epochs,
            "history": self.history or None,
            "initial": self.initial,
            "shuffle": True,
        }
        if self.setup.validation:
            given["validation"] = self.task.x_aside, self.task.y_aside
        return Told(
            self.model, self.task.x, self.task.y, self.criterion, self.task.skill(outputs),
            given | self.given,
        )  # fmt: skip
