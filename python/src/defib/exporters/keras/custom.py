"""Losses of Keras without a kind of their own, and losses that a script wrote itself: traced."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras

from ..._errors import ExportError
from .. import loss_graph
from ..document import RunDocument
from .call import Call
from .graph import expand, run
from .lowering import Lowering
from .tensorflow_names import with_keras_names
from .value import Value

#: What Keras does with the elements that the `call` of a loss gives -> what a run does.
_REDUCTIONS = {
    "sum_over_batch_size": "mean", "mean": "mean", "mean_with_sample_weight": "mean", "sum": "sum",
}  # fmt: skip


def as_loss(loss: Any) -> Any:
    """Return a loss object, as compile() makes one of a function.

    Raises:
        ExportError: it cannot be called.
    """
    if isinstance(loss, keras.losses.Loss):
        return loss
    if not callable(loss):
        raise ExportError(f"loss is {type(loss).__name__}; expected a loss of Keras or a function")
    wrapper = keras.src.losses.losses.LossFunctionWrapper
    return wrapper(loss, name=getattr(loss, "__name__", "loss"))


def name_of(loss: Any) -> str:
    """Return what messages call a loss."""
    name = getattr(loss, "__name__", type(loss).__name__)
    return "a lambda" if "<lambda>" in name else str(name)


def entry(
    document: RunDocument, loss: Any, value: Value, prediction: str, target: str
) -> loss_graph.Entry:
    """Trace a loss of one output into an entry of run.json.

    Args:
        document: The run.
        loss: A loss object or a function of (y_true, y_pred).
        value: The output.
        prediction: The tensor of the output, in the layout of Keras.
        target: The name of its targets in the data.

    Raises:
        ExportError: it computes with something else than keras.ops, or with what no run knows.
    """
    held = as_loss(loss)
    shape = (None, *document.arrays[document.data[target]].shape[1:])
    small = RunDocument("keras", "")
    lowering = Lowering(small, {}, set(), set(), "train", run, expand)
    truth = Value(shape, "float32", native=small.add_input("target"))
    given = Value(value.shape, "float32", native=small.add_input("prediction"))
    call = Call(lowering, None, "loss", (truth, given), {}, [])
    try:
        with warnings.catch_warnings(), with_keras_names(_function(held)):
            warnings.simplefilter("ignore")
            results = list(expand(call, held.call))
    except ExportError as error:
        raise ExportError(f"loss {name_of(loss)} {error}") from error
    if lowering.problems:
        listed = "; ".join(dict.fromkeys(lowering.problems))
        raise ExportError(
            f"loss {name_of(loss)} cannot be replayed because of {listed}; write it with other "
            "functions of keras.ops"
        )
    if len(results) != 1:
        raise ExportError(f"loss {name_of(loss)} returns {len(results)} tensors; expected one")
    result = results[0]
    output = result.native or result.first
    return loss_graph.entry(
        document,
        small,
        ["prediction", "target"],
        output,
        prediction=prediction,
        target=target,
        reduction=_REDUCTIONS[str(held.reduction)],
    )


def _function(held: Any) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(held, "fn", None) or type(held).call
    return function
