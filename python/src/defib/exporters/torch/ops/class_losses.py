"""Losses on classes of torch.nn.functional, where a script's own loss calls them."""

from __future__ import annotations

from typing import Any

from ...._errors import ExportError
from ..call import Call
from ..registry import aten, function
from .losses import reduced as over_all
from .losses import reduction_of
from .reductions import reduce


class _Classes:
    """A loss on classes: logarithms of probabilities along axis 1 against indices."""

    def __init__(
        self, call: Call, input: Any, logs: str, target: Any, weight: Any, ignored: Any
    ) -> None:
        self.call, self.logs = call, logs
        self.rank, self.classes = call.rank(input), call.shape(input)[1]
        self.weight = None if weight is None else call.tensor(weight)
        ids, held = call.tensor(target), call.lowering.labels
        self.valid: str | None = None
        number = int(call.value(ignored))
        if held is None or number in held:
            same = call.emit("Equal", ids, call.number(number, "ignored"), part="is_ignored")
            self.valid = call.emit("Not", same, part="counts")
            zero = call.number(0.0, "zero")
            ids = call.emit("Where", self.valid, ids, zero, part="class")
        self.ids = ids

    def terms(self, smoothing: float) -> str:
        """Write the loss of every sample, 0 where it does not count."""
        call = self.call
        column = call.emit("Unsqueeze", self.ids, call.integers([1], "axis"), part="column")
        picked = call.emit("GatherElements", self.logs, column, part="picked", axis=1)
        flat = call.emit("Squeeze", picked, call.integers([1], "axes"), part="flat")
        terms = call.emit("Neg", flat, part="terms")
        if self.weight is not None:
            terms = call.emit("Mul", terms, self._weights("of class"), part="weighted")
        if smoothing:
            share = call.number(1 - smoothing, "share")
            spread = call.number(-smoothing / (self.classes or 1), "spread")
            total = reduce(call, "ReduceSum", weighed(self), [1], False, "total")
            terms = call.emit(
                "Add", call.emit("Mul", terms, share, part="own"),
                call.emit("Mul", total, spread, part="others"), part="smoothed",
            )  # fmt: skip
        if self.valid is not None:
            zero = call.number(0.0, "nothing")
            terms = call.emit("Where", self.valid, terms, zero, part="counted")
        return terms

    def _weights(self, part: str) -> str:
        return self.call.emit("Gather", self.weight or "", self.ids, part=part, axis=0)

    def reduced(self, terms: str, how: str) -> str:
        """Reduce the terms; a mean divides by the weights of those that count."""
        call, axes = self.call, list(range(self.rank - 1))
        if how != "mean" or (self.weight is None and self.valid is None):
            return over_all(call, terms, self.rank - 1, how)
        weights = self._weights("weights") if self.weight is not None else call.number(1.0, "each")
        if self.valid is not None:
            zero = call.number(0.0, "none")
            weights = call.emit("Where", self.valid, weights, zero, part="weights/counted")
        total = reduce(call, "ReduceSum", terms, axes, False, "sum")
        return call.emit("Div", total, reduce(call, "ReduceSum", weights, axes, False, "all"))


def weighed(held: _Classes) -> str:
    """Return the logarithms, each times the weight of its class."""
    if held.weight is None:
        return held.logs
    call = held.call
    column = call.reshape(held.weight, [-1, *[1] * (held.rank - 2)], "weights_of_classes")
    return call.emit("Mul", held.logs, column, part="weighted_classes")


def _on_classes(call: Call, input: Any) -> None:
    if call.rank(input) < 2:
        raise ExportError("gets one row of scores; expected (samples, classes)")


@function("cross_entropy")
def _cross_entropy(
    call: Call, input: Any, target: Any, weight: Any = None, size_average: Any = None,
    ignore_index: Any = -100, reduce: Any = None, reduction: Any = "mean",
    label_smoothing: Any = 0.0,
) -> str:  # fmt: skip
    _on_classes(call, input)
    logs = call.emit("LogSoftmax", call.tensor(input), part="log_softmax", axis=1)
    how, smoothing = reduction_of(call, reduction), float(call.value(label_smoothing))
    if not call.lowering.kind(target).is_floating_point:
        held = _Classes(call, input, logs, target, weight, ignore_index)
        return held.reduced(held.terms(smoothing), how)
    shares = call.tensor(target)
    if smoothing:
        own = call.emit("Mul", shares, call.number(1 - smoothing, "share"), part="own")
        spread = call.number(smoothing / (call.shape(input)[1] or 1), "spread")
        shares = call.emit("Add", own, spread, part="smoothed")
    if weight is not None:
        column = [-1, *[1] * (call.rank(input) - 2)]
        weights = call.reshape(call.tensor(weight), column, "weights_of_classes")
        shares = call.emit("Mul", shares, weights, part="weighted")
    products = call.emit("Mul", logs, shares, part="products")
    sums = _sum_over_classes(call, products)
    terms = call.emit("Neg", sums, part="terms")
    return over_all(call, terms, call.rank(input) - 1, how)


def _sum_over_classes(call: Call, products: str) -> str:
    return reduce(call, "ReduceSum", products, [1], False, "sums")


@aten("cross_entropy_loss")
def _aten_cross_entropy(
    call: Call, input: Any, target: Any, weight: Any = None, reduction: Any = 1,
    ignore_index: Any = -100, label_smoothing: Any = 0.0,
) -> str:  # fmt: skip
    return _cross_entropy(
        call, input, target, weight, ignore_index=ignore_index, reduction=reduction,
        label_smoothing=label_smoothing,
    )  # fmt: skip


@function("nll_loss")
def _nll(
    call: Call, input: Any, target: Any, weight: Any = None, size_average: Any = None,
    ignore_index: Any = -100, reduce: Any = None, reduction: Any = "mean",
) -> str:  # fmt: skip
    _on_classes(call, input)
    held = _Classes(call, input, call.tensor(input), target, weight, ignore_index)
    return held.reduced(held.terms(0.0), reduction_of(call, reduction))


@aten("nll_loss", "nll_loss_nd", "nll_loss2d")
def _aten_nll(
    call: Call, input: Any, target: Any, weight: Any = None, reduction: Any = 1,
    ignore_index: Any = -100,
) -> str:  # fmt: skip
    return _nll(call, input, target, weight, ignore_index=ignore_index, reduction=reduction)
