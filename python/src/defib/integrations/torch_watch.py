"""Watches a torch.nn.Module."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from ..exporters.torch.unlisted import named_tensors
from ..exporters.torch.unwrap import inner
from .watch import Watch


class TorchWatch(Watch):
    """Copies the parameters at the start, and looks at the first batch in training.

    The look is a forward hook that removes itself. Parameters that do not exist before
    the first batch are copied then: no update has happened yet.
    """

    def __init__(self, model: nn.Module) -> None:
        self._inner = inner(model)
        self._copy()
        self._hook = model.register_forward_hook(self._look, with_kwargs=True)

    def _copy(self) -> None:
        held = [*self._inner.parameters(), *self._inner.buffers()]
        if not any(is_lazy(tensor) or tensor.is_meta for tensor in held):
            self.initial = self.state()

    def state(self, spare: Any = None) -> dict[str, torch.Tensor]:
        """Copy parameters and buffers to the CPU."""
        held = {
            name: tensor.detach()
            for name, tensor in {
                **self._inner.state_dict(),
                **named_tensors(self._inner),
            }.items()
            if isinstance(tensor, torch.Tensor)
        }
        if spare is None:
            return {name: tensor.to("cpu", copy=True) for name, tensor in held.items()}
        for name, tensor in held.items():
            spare[name].copy_(tensor)
        kept: dict[str, torch.Tensor] = spare
        return kept

    def _look(self, model: nn.Module, args: Any, kwargs: Any, _: Any) -> None:
        if not model.training:
            return
        self.close()
        tensors = [t for t in (*args, *kwargs.values()) if isinstance(t, torch.Tensor)]
        if tensors and tensors[0].ndim:
            self.batch_size = int(tensors[0].shape[0])
            self.precision = _precision(tensors[0].device.type)
        if self.initial is None:
            self._copy()

    def close(self) -> None:
        """Remove the hook."""
        self._hook.remove()


def _precision(device: str) -> str | None:
    """Return the half precision of an active autocast."""
    if not torch.is_autocast_enabled(device):
        return None
    kind = torch.get_autocast_dtype(device)
    return {torch.float16: "float16", torch.bfloat16: "bfloat16"}.get(kind)
