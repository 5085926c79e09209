"""Modules whose gradient a graph of torch does not show."""

# ruff: noqa: ARG004, ARG005 - hooks and functions take what torch hands them

import torch
from torch import nn


class Reversal(torch.autograd.Function):
    """The gradient reversal of domain adaptation."""

    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return -3.0 * gradient


class StraightThrough(torch.autograd.Function):
    """Rounds, and lets the gradient through."""

    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class Scaled(torch.autograd.Function):
    """What autograd would do by itself: nothing is wrong with it."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, gradient):
        return gradient * 2


class Through(nn.Module):
    def __init__(self, middle):
        super().__init__()
        self.first, self.last = nn.Linear(5, 8), nn.Linear(8, 1)
        self.middle = middle

    def forward(self, x):
        return self.last(self.middle(torch.tanh(self.first(x))))


class Middle(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def no_grad(x):
    with torch.no_grad():
        return x * 1.5


def off(x):
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    y = x * 1.5
    torch.set_grad_enabled(before)
    return y


def inference_free_mask(x):
    with torch.no_grad():
        mask = (x > 0).float()
    return x * mask


def partly(x):
    with torch.no_grad():
        scale = x.abs().mean(dim=1, keepdim=True)
    return x / (scale + 1)


def hooked(kind):
    model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1))
    if kind == "forward":
        model[0].register_forward_hook(lambda module, args, result: result * 2)
    if kind == "pre":
        model[2].register_forward_pre_hook(lambda module, args: (args[0] + 1,))
    if kind == "container":
        model.register_forward_hook(lambda module, args, result: result - 3)
    if kind == "in place":
        model[0].register_forward_hook(lambda module, args, result: result.mul_(2).ndim < 0 or None)
    if kind == "backward":
        model[1].register_full_backward_hook(lambda module, give, got: (give[0] * 10,))
    if kind == "backward pre":
        model[2].register_full_backward_pre_hook(lambda module, got: (got[0] * 10,))
    if kind == "parameter":
        model[0].weight.register_hook(lambda gradient: gradient * 10)
    return model
