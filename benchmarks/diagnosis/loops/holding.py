"""Optimizers that do not hold what is to be trained."""

from __future__ import annotations

from torch import nn

from .networks import NETWORKS
from .script import Script


def _train(s: Script) -> None:
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))


def made_before_the_head(s: Script, faulty: bool, *, rest: bool = True) -> None:
    """The head is replaced after the optimizer was made; without `rest` it is all that trains."""
    if not rest:  # the trunk comes from another training
        for _ in range(6):
            for x, y in s.batches():
                s.update(s.loss(x, y))
    old: nn.Linear = s.model.head  # type: ignore[assignment]
    new = nn.Linear(old.in_features, old.out_features)
    if not rest:
        for parameter in s.model.trunk.parameters():  # type: ignore[union-attr]
            parameter.requires_grad = False
    s.model.head = new
    if not faulty:
        s.optimizer = s.over(s.model.parameters())
    _train(s)


def of_another_model(s: Script, faulty: bool) -> None:
    """The optimizer was made for a model of the same class, some lines above."""
    other = (s.setup.build or NETWORKS[s.setup.network])()
    if faulty:
        s.optimizer = s.over(other.parameters())
    _train(s)


def of_the_copy(s: Script, faulty: bool) -> None:
    """The model is built again after its optimizer, as in a cell of a notebook."""
    s.model = (s.setup.build or NETWORKS[s.setup.network])()
    if not faulty:
        s.optimizer = s.over(s.model.parameters())
    _train(s)


def head_only(s: Script, faulty: bool) -> None:
    """As for fine-tuning, the optimizer gets the head; but the trunk was never trained."""
    if faulty:
        s.optimizer = s.over(s.model.head.parameters())  # type: ignore[union-attr]
    _train(s)


def without(s: Script, faulty: bool, *, part: str) -> None:
    """One part of the network is forgotten in the list of parameters."""
    if faulty:
        held = [p for name, p in s.model.named_parameters() if not name.startswith(part)]
        s.optimizer = s.over(held)
    _train(s)


def frozen_by_accident(s: Script, faulty: bool, *, part: str = "trunk") -> None:
    """Lines of a tutorial on fine-tuning freeze a network that was never trained."""
    if faulty:
        for name, parameter in s.model.named_parameters():
            if name.startswith(part):
                parameter.requires_grad = False
        s.optimizer = s.over(p for p in s.model.parameters() if p.requires_grad)
    _train(s)
