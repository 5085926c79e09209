"""The sides of the comparison: what each does with all batches of a workload."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field

import torch

import defib

from .hooks import Figures, Named, Tuned, hooked
from .limit import Limit, arithmetic
from .products import Product, has_library, products, use_threads
from .turns import Side
from .workloads import Prepared


@dataclass
class Replay:
    """Defib's replay of a run with all vitals, the whole call."""

    run: defib.Run
    workers: int
    last: defib.Vitals | None = None
    """What the last call found."""

    def __call__(self) -> float:
        """Measure the run once; returns the seconds of the replay itself, as the engine says."""
        self.last = defib.vitals(self.run, workers=self.workers)
        return self.last.seconds

    @property
    def loss(self) -> float:
        """The loss that the last call found."""
        return float(self.last.to_dict()["loss"]) if self.last else float("nan")


@dataclass
class PyTorch:
    """Forward and backward pass over all batches, with hooks that collect `figures` or without."""

    prepared: Prepared
    figures: Named | Tuned | None = None
    collected: list[tuple[str, Figures]] = field(default_factory=list)
    """What the hooks found in the last pass, batch after batch."""
    loss: float = float("nan")

    def __call__(self) -> None:
        """Go through the batches once."""
        model, criterion = self.prepared.model, self.prepared.criterion
        losses: list[torch.Tensor] = []
        self.collected.clear()
        with hooked(model, self.figures, self._keep) if self.figures else nullcontext():
            for x, y in self.prepared.batches:
                model.zero_grad(set_to_none=True)
                loss = criterion(model(x), y)
                loss.backward()
                losses.append(loss.detach())
        self.loss = float(torch.stack(losses).mean())

    def _keep(self, layer: str, figures: Figures) -> None:
        self.collected.append((layer, figures))


def sides(prepared: Prepared, threads: int, floor: bool) -> dict[str, Side]:
    """Return the sides by name, each made to work with so many threads; products for a floor."""
    torch.set_num_threads(threads)
    use_threads(threads)
    found: dict[str, Side] = {
        "defib": Replay(prepared.run, threads),
        "plain": PyTorch(prepared),
        "hooks": PyTorch(prepared, Named()),
        "tuned": PyTorch(prepared, Tuned()),
    }
    if has_library():
        x, y = prepared.batches[0]
        operations = arithmetic(prepared.model, prepared.criterion, x, y)
        found["limit"] = Limit(operations, len(prepared.batches))
    once = products(prepared.model, len(prepared.batches[0][0])) if floor else None
    if once is not None:

        def multiply(once: Product = once) -> None:
            for _ in prepared.batches:
                once()

        found["products"] = multiply
    return found
