"""A module with a function between two of its layers, and what tests ask of it."""

import numpy as np
import pytest
import torch
from torch import nn

import defib

ROWS = 40
MSE = nn.MSELoss()


class Through(nn.Module):
    """Applies a function of (self, x) between two layers."""

    def __init__(self, function):
        super().__init__()
        self.a, self.c, self.b = nn.Linear(5, 8), nn.Linear(8, 8), nn.Linear(8, 1)
        self.register_buffer("held", torch.ones(8))
        self.function = function

    def forward(self, x):
        return self.b(self.function(self, torch.tanh(self.a(x))))


def data():
    torch.manual_seed(0)
    return torch.randn(ROWS, 5), torch.randn(ROWS, 1)


def through(function=lambda self, x: self.c(x)):
    torch.manual_seed(0)
    return Through(function)


def agrees(model, x, y, **given):
    found = defib.replay(model, x, y, loss=MSE, **given)
    model.zero_grad()
    inputs = x if isinstance(x, (list, tuple)) else [x]
    value = MSE(model(*inputs), y)
    value.backward()
    assert found.loss == pytest.approx(value.item(), rel=1e-4)
    for name, parameter in model.named_parameters():
        np.testing.assert_allclose(found.gradients[name], parameter.grad, rtol=1e-3, atol=1e-5)


def refused(model, match, **given):
    with pytest.raises(defib.ExportError, match=match):
        defib.check(model, *data(), loss=MSE, **given)
