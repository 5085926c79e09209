"""Loss functions of torch.nn.functional, where a script's own loss calls them.

Each is written as operators, so that what the script does before and after stays what it is. A loss
that is nothing but one of these becomes the kind of run.json that is the same (see `known`).
"""

from __future__ import annotations

import math
from typing import Any

from ...._errors import ExportError
from ..call import Call
from ..registry import aten, function
from .reductions import norm, reduce

#: The numbers that aten has for reductions.
_NUMBERS = {0: "none", 1: "mean", 2: "sum"}
#: PyTorch bounds the logarithms of a binary cross-entropy at -100: those of this number.
_SMALLEST = math.exp(-100)


def reduction_of(call: Call, reduction: Any) -> str:
    """Return "mean", "sum" or "none" for a name or for a number of aten."""
    value = call.value(reduction)
    return _NUMBERS[value] if isinstance(value, int) else str(value)


def reduced(call: Call, terms: str, rank: int, how: str) -> str:
    """Reduce terms over all of their axes; they are the result where nothing is to be reduced."""
    if how == "none":
        return call.emit("Identity", terms)
    op = "ReduceMean" if how == "mean" else "ReduceSum"
    return reduce(call, op, terms, list(range(rank)), False)


def _wide(call: Call, *arguments: Any) -> int:
    return max(call.rank(each) for each in arguments if call.is_tensor(each))


def _times(call: Call, terms: str, weight: Any, part: str = "weighted") -> str:
    if weight is None:
        return terms
    return call.emit("Mul", terms, call.tensor(weight), part=part)


def _difference(call: Call, input: Any, target: Any) -> str:
    return call.emit("Sub", call.tensor(input), call.tensor(target), part="difference")


@function("mse_loss")
def _mse(
    call: Call, input: Any, target: Any, size_average: Any = None, reduce: Any = None,
    reduction: Any = "mean", weight: Any = None,
) -> str:  # fmt: skip
    if isinstance(size_average, int) and not isinstance(size_average, bool):  # aten
        reduction = size_average
    difference = _difference(call, input, target)
    terms = call.emit("Mul", difference, difference, part="terms")
    return reduced(call, _times(call, terms, weight), _wide(call, input, target),
                    reduction_of(call, reduction))  # fmt: skip


@function("l1_loss")
def _l1(
    call: Call, input: Any, target: Any, size_average: Any = None, reduce: Any = None,
    reduction: Any = "mean", weight: Any = None,
) -> str:  # fmt: skip
    if isinstance(size_average, int) and not isinstance(size_average, bool):
        reduction = size_average
    terms = call.emit("Abs", _difference(call, input, target), part="terms")
    return reduced(call, _times(call, terms, weight), _wide(call, input, target),
                    reduction_of(call, reduction))  # fmt: skip


def _bent(call: Call, input: Any, target: Any, bend: float, divide: bool, how: str) -> str:
    """Write a square up to a bend and a line beyond, divided by the bend as smooth l1 is."""
    difference = _difference(call, input, target)
    size = call.emit("Abs", difference, part="size")
    square = call.emit("Mul", difference, difference, part="square")
    half = call.emit("Mul", square, call.number(0.5 / bend if divide else 0.5), part="half")
    line = call.emit("Sub", size, call.number(0.5 * bend), part="line")
    if not divide:
        line = call.emit("Mul", line, call.number(bend), part="steep")
    op = "Less" if divide else "LessOrEqual"
    near = call.emit(op, size, call.number(bend), part="near")
    terms = call.emit("Where", near, half, line, part="terms")
    return reduced(call, terms, _wide(call, input, target), how)


@function("smooth_l1_loss")
def _smooth_l1(
    call: Call, input: Any, target: Any, size_average: Any = None, reduce: Any = None,
    reduction: Any = "mean", beta: Any = 1.0,
) -> str:  # fmt: skip
    bend = float(call.value(beta))
    if bend == 0:
        return _l1(call, input, target, reduction=reduction)
    return _bent(call, input, target, bend, True, reduction_of(call, reduction))


@aten("smooth_l1_loss")
def _aten_smooth_l1(
    call: Call, input: Any, target: Any, reduction: Any = 1, beta: Any = 1.0
) -> str:
    return _smooth_l1(call, input, target, reduction=reduction, beta=beta)


@function("huber_loss")
def _huber(
    call: Call, input: Any, target: Any, reduction: Any = "mean", delta: Any = 1.0,
    weight: Any = None,
) -> str:  # fmt: skip
    if weight is not None:
        raise ExportError("has a weight; multiply the terms of reduction='none' instead")
    return _bent(
        call, input, target, float(call.value(delta)), False, reduction_of(call, reduction)
    )


@function("binary_cross_entropy")
def _bce(
    call: Call, input: Any, target: Any, weight: Any = None, size_average: Any = None,
    reduce: Any = None, reduction: Any = "mean",
) -> str:  # fmt: skip
    if isinstance(size_average, int) and not isinstance(size_average, bool):
        reduction = size_average
    x, t, one = call.tensor(input), call.tensor(target), call.number(1.0, "one")
    bound = call.number(_SMALLEST, "smallest")

    def logarithm(value: str, part: str) -> str:
        return call.emit("Log", call.emit("Clip", value, bound, part=f"{part}/bounded"), part=part)

    yes = call.emit("Mul", t, logarithm(x, "log"), part="yes")
    rest = call.emit("Sub", one, x, part="rest")
    against = call.emit("Sub", one, t, part="against")
    no = call.emit("Mul", against, logarithm(rest, "log_rest"), part="no")
    terms = call.emit("Neg", call.emit("Add", yes, no, part="sum"), part="terms")
    return reduced(call, _times(call, terms, weight), _wide(call, input, target),
                    reduction_of(call, reduction))  # fmt: skip


@function("binary_cross_entropy_with_logits")
def _bce_logits(
    call: Call, input: Any, target: Any, weight: Any = None, size_average: Any = None,
    reduce: Any = None, reduction: Any = "mean", pos_weight: Any = None,
) -> str:  # fmt: skip
    x, t, one = call.tensor(input), call.tensor(target), call.number(1.0, "one")
    against = call.emit("Sub", one, t, part="against")
    far = call.emit("Mul", against, x, part="far")
    soft = call.emit("Softplus", call.emit("Neg", x, part="negated"), part="softplus")
    if pos_weight is not None:
        more = call.emit("Sub", call.tensor(pos_weight), one, part="more")
        factor = call.emit("Add", call.emit("Mul", more, t, part="events"), one, part="factor")
        soft = call.emit("Mul", factor, soft, part="events_weighed")
    terms = call.emit("Add", far, soft, part="terms")
    return reduced(call, _times(call, terms, weight), _wide(call, input, target),
                    reduction_of(call, reduction))  # fmt: skip


@aten("binary_cross_entropy_with_logits")
def _aten_bce_logits(
    call: Call, input: Any, target: Any, weight: Any = None, pos_weight: Any = None,
    reduction: Any = 1,
) -> str:  # fmt: skip
    return _bce_logits(call, input, target, weight, reduction=reduction, pos_weight=pos_weight)


@function("kl_div")
def _kl_div(
    call: Call, input: Any, target: Any, size_average: Any = None, reduce: Any = None,
    reduction: Any = "mean", log_target: Any = False,
) -> str:  # fmt: skip
    if isinstance(size_average, int) and not isinstance(size_average, bool):
        reduction = size_average
    x, t = call.tensor(input), call.tensor(target)
    if call.value(log_target):
        shares, entropy = call.emit("Exp", t, part="shares"), t
        terms = call.emit("Mul", shares, call.emit("Sub", entropy, x, part="less"), part="terms")
    else:
        # t · log t is 0 at 0.
        zero = call.number(0.0, "zero")
        some = call.emit("Greater", t, zero, part="some")
        safe = call.emit("Where", some, t, call.number(1.0, "one"), part="safe")
        logs = call.emit("Mul", t, call.emit("Log", safe, part="log"), part="entropy")
        terms = call.emit("Sub", logs, call.emit("Mul", t, x, part="cross"), part="terms")
    rank, how = _wide(call, input, target), reduction_of(call, reduction)
    if how != "batchmean":
        return reduced(call, terms, rank, how)
    return call.emit("Div", _sum(call, terms, rank), call.length(input, 0))


def _sum(call: Call, terms: str, rank: int) -> str:
    return reduce(call, "ReduceSum", terms, list(range(rank)), False, "sum")


@function("poisson_nll_loss")
def _poisson(
    call: Call, input: Any, target: Any, log_input: Any = True, full: Any = False,
    size_average: Any = None, eps: Any = 1e-8, reduce: Any = None, reduction: Any = "mean",
) -> str:  # fmt: skip
    x, t = call.tensor(input), call.tensor(target)
    rate: str
    log: str
    if call.value(log_input):
        rate, log = call.emit("Exp", x, part="rate"), x
    else:
        shifted = call.emit("Add", x, call.number(float(call.value(eps)), "eps"), part="shifted")
        rate, log = x, call.emit("Log", shifted, part="log")
    terms = call.emit("Sub", rate, call.emit("Mul", t, log, part="product"), part="terms")
    if call.value(full):
        raise ExportError("adds Stirling's term, which no gradient depends on; use full=False")
    return reduced(call, terms, _wide(call, input, target), reduction_of(call, reduction))


@function("gaussian_nll_loss")
def _gaussian(
    call: Call, input: Any, target: Any, var: Any, full: Any = False, eps: Any = 1e-6,
    reduction: Any = "mean",
) -> str:  # fmt: skip
    v: str = call.tensor(var)
    if call.rank(var) not in (0, call.rank(input)):
        raise ExportError("has a variance of fewer axes; give it the shape of the prediction")
    # Bounded without a change of its gradient.
    bound = call.emit("Max", v, call.number(float(call.value(eps)), "eps"), part="bounded")
    step = call.emit("StopGradient", call.emit("Sub", bound, v, part="step"), part="stopped")
    v = call.emit("Add", v, step, part="variance")
    difference = _difference(call, input, target)
    square = call.emit("Mul", difference, difference, part="square")
    both = call.emit(
        "Add", call.emit("Log", v, part="log"), call.emit("Div", square, v, part="ratio"),
        part="both",
    )  # fmt: skip
    terms = call.emit("Mul", both, call.number(0.5, "half"), part="terms")
    if call.value(full):
        more = call.number(0.5 * math.log(2 * math.pi), "constant")
        terms = call.emit("Add", terms, more, part="full")
    return reduced(call, terms, _wide(call, input, target, var), reduction_of(call, reduction))


@function("soft_margin_loss")
def _soft_margin(
    call: Call, input: Any, target: Any, size_average: Any = None, reduce: Any = None,
    reduction: Any = "mean",
) -> str:  # fmt: skip
    if isinstance(size_average, int) and not isinstance(size_average, bool):
        reduction = size_average
    product = call.emit("Mul", call.tensor(input), call.tensor(target), part="product")
    terms = call.emit("Softplus", call.emit("Neg", product, part="negated"), part="terms")
    return reduced(call, terms, _wide(call, input, target), reduction_of(call, reduction))


@function("margin_ranking_loss")
def _ranking(
    call: Call, input1: Any, input2: Any, target: Any, margin: Any = 0.0,
    size_average: Any = None, reduce: Any = None, reduction: Any = "mean",
) -> str:  # fmt: skip
    gap = call.emit("Sub", call.tensor(input2), call.tensor(input1), part="gap")
    signed = call.emit("Mul", call.tensor(target), gap, part="signed")
    held = call.emit("Add", signed, call.number(float(call.value(margin)), "margin"), part="held")
    terms = call.emit("Relu", held, part="terms")
    return reduced(call, terms, _wide(call, input1, input2, target), reduction_of(call, reduction))


@function("hinge_embedding_loss")
def _hinge_embedding(
    call: Call, input: Any, target: Any, margin: Any = 1.0, size_average: Any = None,
    reduce: Any = None, reduction: Any = "mean",
) -> str:  # fmt: skip
    x, t = call.tensor(input), call.tensor(target)
    gap = call.emit("Sub", call.number(float(call.value(margin)), "margin"), x, part="gap")
    near, far = x, call.emit("Relu", gap, part="far")
    same = call.emit("Equal", t, call.number(1.0, "one"), part="same")
    terms = call.emit("Where", same, near, far, part="terms")
    return reduced(call, terms, _wide(call, input, target), reduction_of(call, reduction))


@function("triplet_margin_loss")
def _triplet(
    call: Call, anchor: Any, positive: Any, negative: Any, margin: Any = 1.0, p: Any = 2.0,
    eps: Any = 1e-6, swap: Any = False, size_average: Any = None, reduce: Any = None,
    reduction: Any = "mean",
) -> str:  # fmt: skip
    if call.value(swap):
        raise ExportError("swaps anchor and positive; use swap=False")
    rank = call.rank(anchor)

    def distance(other: Any, part: str) -> str:
        way = call.emit("Sub", call.tensor(anchor), call.tensor(other), part=f"{part}/difference")
        bound = call.number(float(call.value(eps)), f"{part}/eps")
        shifted = call.emit("Add", way, bound, part=f"{part}/shifted")
        return norm(call, shifted, float(call.value(p)), [rank - 1], False, part)

    gap = call.emit("Sub", distance(positive, "near"), distance(negative, "far"), part="gap")
    held = call.emit("Add", gap, call.number(float(call.value(margin)), "margin"), part="held")
    return reduced(
        call, call.emit("Relu", held, part="terms"), rank - 1, reduction_of(call, reduction)
    )
