"""Random numbers that a forward pass draws: drawn once for every row, and part of the data then.

A variational autoencoder, a Gumbel softmax and a diffusion model draw numbers in every pass. The
run has an input with those of every row; what is drawn without a row becomes a constant. For a
proof the module itself is given the same numbers, in the order of its calls.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from ..arrays import Array
from .lowering import Lowering

Fill = Callable[[np.random.Generator, tuple[int, ...]], Any]

_NORMAL: Fill = np.random.Generator.standard_normal
_UNIFORM: Fill = np.random.Generator.random
_EXPONENTIAL: Fill = np.random.Generator.standard_exponential

#: Functions and methods by name, without a trailing underscore -> what they draw. A `normal` is
#: moved and scaled by its handler.
DRAWS: dict[str, Fill] = {
    "rand": _UNIFORM, "rand_like": _UNIFORM, "uniform": _UNIFORM,
    "randn": _NORMAL, "randn_like": _NORMAL, "normal": _NORMAL, "exponential": _EXPONENTIAL,
}  # fmt: skip

_SEED = 0x0DEF1B


def draw(lowering: Lowering, name: str, layer: str, shape: tuple[int | None, ...]) -> str:
    """Add the numbers of one call to the run; return the name of the tensor that holds them.

    `shape` has None on axis 0 where there is one for every row.
    """
    document, fill = lowering.document, DRAWS[name]
    seed = _SEED + len(document.noise)
    if None not in shape:
        held = _drawn(fill, seed, tuple(int(length or 0) for length in shape))
        tensor = document.add_parameter(f"{layer} noise", held, trainable=False)
        document.noise[tensor] = held
        return tensor
    tensor = document.add_input("noise")
    rest = tuple(int(length or 1) for length in shape[1:])
    document.noise[tensor] = lambda rows, part: _drawn(fill, seed + 7919 * part, (rows, *rest))
    return tensor


def _drawn(fill: Fill, seed: int, shape: tuple[int, ...]) -> Array:
    return np.asarray(fill(np.random.default_rng(seed), shape), np.float32)


class Repeated(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Gives every operator that draws numbers those of the run, in order.

    Below autograd, so that gradients are those of the operators themselves.

    Args:
        numbers: The arrays, in the order of the calls.
    """

    def __init__(self, numbers: Sequence[Array]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._left = deque(numbers)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Answer for one operator of aten."""
        made = func(*args, **(kwargs or {}))
        name = func._schema.name.split("::")[-1]
        bare = name.removesuffix("_")
        if bare not in DRAWS or not self._left or made.shape != self._left[0].shape:
            return made
        held = torch.as_tensor(self._left.popleft().copy(), dtype=made.dtype, device=made.device)
        first, second = _numbers(func, args, kwargs or {})
        if bare == "normal":
            held = first + second * held
        if bare == "uniform":
            held = first + (second - first) * held
        if bare == "exponential":
            held = held / first
        return made.copy_(held)


def _numbers(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """Return the two numbers, or tensors, of a distribution; of an exponential one its rate."""
    entries = func._schema.arguments
    given = {entry.name: kwargs.get(entry.name, entry.default_value) for entry in entries}
    given |= {entry.name: value for entry, value in zip(entries, args, strict=False)}
    held = [given[name] for name in ("mean", "std", "from", "to", "lambd") if name in given]
    return (*held, None, None)[0], (*held, None, None)[1]
