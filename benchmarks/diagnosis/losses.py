"""The losses of the cases: how PyTorch computes them, and how a run states them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812

Tensor = torch.Tensor
CLIP = 1e-7


def _classes(p: Tensor, t: Tensor) -> Tensor:
    return p.gather(1, t.long().reshape(-1, 1))[:, 0]


def _clipped(p: Tensor) -> Tensor:
    return p.clamp(CLIP, 1 - CLIP)


def _bce(p: Tensor, t: Tensor) -> Tensor:
    return F.binary_cross_entropy(_clipped(p), t.float())


def _flat_mse(p: Tensor, t: Tensor) -> Tensor:
    return ((p - t) ** 2).mean()


#: name in a case -> (what PyTorch computes, the entry of run.json)
LOSSES: dict[str, tuple[Callable[[Tensor, Tensor], Tensor], dict[str, Any]]] = {
    "mse": (F.mse_loss, {"kind": "mse"}),
    "mse_half": (lambda p, t: F.mse_loss(p, t) / 2, {"kind": "mse", "weight": 0.5}),
    "mse_flat_target": (_flat_mse, {"kind": "mse"}),
    "mae": (F.l1_loss, {"kind": "l1"}),
    "huber": (F.huber_loss, {"kind": "huber"}),
    "bce_prob": (_bce, {"kind": "bce", "clip": CLIP}),
    "bce_logits": (
        lambda p, t: F.binary_cross_entropy_with_logits(p, t.float()),
        {"kind": "bce-with-logits"},
    ),
    "cce_prob": (
        lambda p, t: -_clipped(_classes(p, t)).log().mean(),
        {"kind": "categorical-cross-entropy", "clip": CLIP},
    ),
    "cce_mean_unclipped": (
        lambda p, t: -_classes(p, t).log().mean(),
        {"kind": "categorical-cross-entropy"},
    ),
    "cce_sum_unclipped": (
        lambda p, t: -_classes(p, t).log().sum(),
        {"kind": "categorical-cross-entropy", "reduction": "sum"},
    ),
    "ce_logits": (lambda p, t: F.cross_entropy(p, t.long()), {"kind": "cross-entropy"}),
}


def targets(loss: str, y: Any) -> Any:
    """Return `y` in the shape in which the case hands it to its loss."""
    if loss == "mse_flat_target":
        return y.reshape(len(y))
    if loss in ("cce_prob", "cce_mean_unclipped", "cce_sum_unclipped", "ce_logits"):
        return y.reshape(len(y)).astype("int64")
    return y.reshape(len(y), -1).astype("float32")
