"""What PyTorch itself says of a batch, in float64."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from .judging import Truth
from .subject import Trial


def truth(trial: Trial, dtype: torch.dtype = torch.float64) -> Truth:
    """Run the model in train mode, with no dropout."""
    twin = copy.deepcopy(trial.model).to(dtype).train()
    without_dropout(twin)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        outputs = list(leaves(_called(twin, trial.x, dtype)))
        y = trial.y.to(dtype) if trial.y.is_floating_point() else trial.y
        # Auxiliary heads have the same targets.
        heads = [o for o in outputs if o.shape == outputs[0].shape] if trial.heads else outputs[:1]
        loss = sum((trial.loss(predicted(head, trial), y) for head in heads), torch.zeros(()))
    finally:
        torch.set_default_dtype(before)
    loss.backward()
    gradients = {
        name: (torch.zeros_like(p) if p.grad is None else p.grad).numpy()
        for name, p in twin.named_parameters()
    }
    return Truth([o.detach().numpy() for o in outputs], loss.item(), gradients)


def without_dropout(model: nn.Module) -> None:
    """Take all that is drawn out of a model."""
    for module in model.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.p = 0.0
        for name in ("dropout", "drop_prob", "attention_dropout", "p", "layerdrop"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)


def leaves(value: Any) -> Iterator[torch.Tensor]:
    """Return the tensors of real numbers in what a model returns, in order."""
    if isinstance(value, torch.Tensor):
        if value.is_floating_point():
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from leaves(each)


def predicted(scores: torch.Tensor, trial: Trial) -> torch.Tensor:
    """Return an output with its classes on axis 1, where the loss wants them."""
    classes_last = scores.ndim == trial.y.ndim + 1 and scores.shape[:-1] == trial.y.shape
    if isinstance(trial.loss, nn.CrossEntropyLoss) and scores.ndim > 2 and classes_last:
        return scores.movedim(-1, 1)
    return scores


def _called(model: nn.Module, x: Any, dtype: torch.dtype) -> Any:
    if isinstance(x, dict):
        return model(**{name: _cast(each, dtype) for name, each in x.items()})
    return model(_cast(x, dtype))


def _cast(x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return x.to(dtype) if x.is_floating_point() else x
