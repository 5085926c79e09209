"""Hooks that collect, per unit of every layer, what Defib's vitals hold of it.

Two ways: `named` with the function that PyTorch has for each figure, as one would write it, and
`tuned` with the fastest expressions that were found for them: reductions of floats alone, into one
piece of scratch memory, and the variance from the mean square, which costs it some digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

Tensor = torch.Tensor
Figures = dict[str, Tensor]

#: Modules with an output of their own; the others pass on what they got, or are made of these.
LAYERS = (
    nn.Linear, nn.Conv2d, nn.MaxPool2d, nn.ReLU, nn.LSTM, nn.LayerNorm, nn.MultiheadAttention,
)  # fmt: skip


def by_unit(values: Tensor) -> tuple[Tensor, tuple[int, ...]]:
    """Return the values and the axes that are not the unit's: channels, else the last axis."""
    if values.ndim == 4:
        return values, (0, 2, 3)
    return values.flatten(0, -2), (0,)


class Named:
    """Each figure by the function of its name."""

    def forward(self, values: Tensor) -> Figures:
        """Zeros, mean, variance, smallest and largest value of each unit."""
        values, axes = by_unit(values)
        variance, mean = torch.var_mean(values, axes, correction=0)
        return {
            "zeros": torch.count_nonzero(values == 0, axes),
            "mean": mean,
            "variance": variance,
            "min": values.amin(axes),
            "max": values.amax(axes),
        }

    def backward(self, gradient: Tensor) -> Figures:
        """Mean absolute value, zeros and norm of each unit's gradient."""
        gradient, axes = by_unit(gradient)
        return {
            "mean_abs": gradient.abs().mean(axes),
            "zeros": torch.count_nonzero(gradient == 0, axes),
            "norm": torch.linalg.vector_norm(gradient, dim=axes),
        }


class Tuned:
    """The same figures in the least time."""

    def __init__(self) -> None:
        self._scratch: dict[torch.Size, Tensor] = {}

    def forward(self, values: Tensor) -> Figures:
        """Zeros, mean, variance, smallest and largest value of each unit."""
        values, axes = by_unit(values)
        scratch = self._like(values)
        mean = values.mean(axes)
        return {
            "zeros": torch.eq(values, 0, out=scratch).sum(axes),
            "mean": mean,
            "variance": torch.mul(values, values, out=scratch).mean(axes) - mean * mean,
            "min": values.amin(axes),
            "max": values.amax(axes),
        }

    def backward(self, gradient: Tensor) -> Figures:
        """Mean absolute value, zeros and norm of each unit's gradient."""
        gradient, axes = by_unit(gradient)
        scratch = self._like(gradient)
        return {
            "mean_abs": torch.abs(gradient, out=scratch).mean(axes),
            "zeros": torch.eq(gradient, 0, out=scratch).sum(axes),
            "norm": torch.mul(gradient, gradient, out=scratch).sum(axes).sqrt_(),
        }

    def _like(self, values: Tensor) -> Tensor:
        if values.shape not in self._scratch:
            self._scratch[values.shape] = torch.empty(values.shape)
        return self._scratch[values.shape]


@contextmanager
def hooked(
    model: nn.Module, figures: Named | Tuned, sink: Callable[[str, Figures], None]
) -> Iterator[None]:
    """Give `sink` the name and the figures of every layer, forward and backward, in this block."""

    def attach(name: str) -> Callable[[nn.Module, object, object], None]:
        def backward(gradient: Tensor) -> None:
            with torch.no_grad():
                sink(name, figures.backward(gradient))

        def forward(_: nn.Module, __: object, output: object) -> None:
            values = output[0] if isinstance(output, tuple) else output
            assert isinstance(values, Tensor)
            with torch.no_grad():
                sink(name, figures.forward(values))
            if values.requires_grad:
                values.register_hook(backward)  # type: ignore[no-untyped-call]

        return forward

    layers = [
        (name, module) for name, module in model.named_modules() if isinstance(module, LAYERS)
    ]
    handles = [module.register_forward_hook(attach(name)) for name, module in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
