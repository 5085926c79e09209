"""The limit: the arithmetic of a forward and backward pass at the speed of the core's best product.

No replay can be faster: every multiplication and addition of the network's products and
convolutions has to be done, and nothing that a core does is faster than a large product.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from . import products

#: Rows and columns of the product that tells the speed: its operands lie in the cache.
SIDE = 1024


def arithmetic(model: nn.Module, criterion: nn.Module, x: torch.Tensor, y: torch.Tensor) -> int:
    """Count the floating-point operations of a batch, forwards and backwards, as PyTorch does.

    Of a recurrent layer of torch.nn, which the counter does not see, they are counted here.
    """
    with FlopCounterMode(display=False) as counter:
        criterion(model(x), y).backward()
    model.zero_grad(set_to_none=True)
    counted = int(counter.get_total_flops())
    for module in model.modules():
        if isinstance(module, nn.RNNBase) and not counter_sees_recurrences():
            steps = x.shape[0] * x.shape[1]
            weights = sum(p.numel() for name, p in module.named_parameters() if "weight" in name)
            counted += 3 * 2 * steps * weights  # forwards, and twice as much backwards
    return counted


def counter_sees_recurrences() -> bool:
    """Whether PyTorch's counter counts what is inside of an LSTM."""
    with FlopCounterMode(display=False) as counter:
        nn.LSTM(4, 4)(torch.zeros(2, 1, 4))
    return bool(counter.get_total_flops())


@dataclass
class Limit:
    """A side that does nothing but products, as many operations as `batches` batches have."""

    operations: float
    batches: int

    def __post_init__(self) -> None:
        left, right = torch.randn(SIDE, SIDE), torch.randn(SIDE, SIDE)
        self._once = products.product((left, "N"), (right, "N"), torch.empty(SIDE, SIDE))
        self._wanted = self.operations * self.batches / (2 * SIDE**3)
        #: products that are done; their time is brought to what was wanted by `factor`
        self.count = max(4, round(self._wanted))

    @property
    def factor(self) -> float:
        """What a turn's time is multiplied by to be that of the operations."""
        return self._wanted / self.count

    def __call__(self) -> None:
        """Multiply."""
        for _ in range(self.count):
            self._once()
