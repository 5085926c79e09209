"""Distances and similarities of vectors."""

from __future__ import annotations

from typing import Any

from torch import fx, nn

from ..call import Call
from ..registry import function, module
from .reductions import norm, reduce


@function("cosine_similarity")
def _cosine(call: Call, x1: fx.Node, x2: fx.Node, dim: int = 1, eps: float = 1e-8) -> str:
    axis, bound = call.axis(x1, dim), call.number(float(eps))
    units = []
    for node, part in ((x1, "left"), (x2, "right")):
        x = call.tensor(node)
        size = norm(call, x, 2, [axis], True, f"{part}/norm")
        bounded = call.emit("Max", size, bound, part=f"{part}/bounded")
        units.append(call.emit("Div", x, bounded, part=part))
    return reduce(call, "ReduceSum", call.emit("Mul", *units, part="products"), [axis], False)


@function("pairwise_distance")
def _distance(
    call: Call, x1: fx.Node, x2: fx.Node, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> str:
    difference = call.emit("Sub", call.tensor(x1), call.tensor(x2), part="difference")
    shifted = call.emit("Add", difference, call.number(float(eps)), part="shifted")
    return norm(call, shifted, float(p), [call.rank(x1) - 1], keepdim)


@module(nn.CosineSimilarity)
def _cosine_module(call: Call, owner: Any, x1: fx.Node, x2: fx.Node) -> str:
    return _cosine(call, x1, x2, owner.dim, owner.eps)


@module(nn.PairwiseDistance)
def _distance_module(call: Call, owner: Any, x1: fx.Node, x2: fx.Node) -> str:
    return _distance(call, x1, x2, owner.norm, owner.eps, owner.keepdim)
