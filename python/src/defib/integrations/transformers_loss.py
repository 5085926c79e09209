"""The losses that models of Transformers compute inside of `forward`, as losses of their output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.nn import functional as F  # noqa: N812

from .._errors import InvalidArgument

Loss = Callable[[Any, Any], Any]

#: Labels of this value do not count.
_IGNORED = -100


def loss_of(model: Any) -> Loss:
    """Return the loss `(output, labels)` of a model, by the kind that Transformers gives it.

    Raises:
        InvalidArgument: the model is of another kind.
    """
    # A class of one's own is what the class of Transformers is that it extends.
    names = [getattr(model, "loss_type", None), *(kind.__name__ for kind in type(model).__mro__)]
    for kind in filter(None, names):
        if kind.endswith(("ForCausalLM", "LMHeadModel")):
            return _next_word
        if kind.endswith(("ForMaskedLM", "ForTokenClassification", "ForConditionalGeneration")):
            # A decoder beside an encoder gets its words shifted, and not its labels.
            return _each_word
        if kind.endswith("Classification"):
            return _rows(model)
    raise InvalidArgument(
        f"the loss of {type(model).__name__} is not known; pass it as a function of the model's "
        "output and the labels: TransformersRecorder(path, loss=lambda out, y: …)"
    )


def _scores(output: Any) -> Any:
    return output["logits"] if isinstance(output, dict) else output.logits


def _next_word(output: Any, labels: Any) -> Any:
    scores = _scores(output)
    flat = scores[:, :-1].reshape(-1, scores.size(-1))
    return F.cross_entropy(flat, labels[:, 1:].reshape(-1), ignore_index=_IGNORED)


def _each_word(output: Any, labels: Any) -> Any:
    scores = _scores(output)
    flat = scores.reshape(-1, scores.size(-1))
    return F.cross_entropy(flat, labels.reshape(-1), ignore_index=_IGNORED)


def _rows(model: Any) -> Loss:
    config = getattr(model, "config", None)
    number = getattr(config, "num_labels", 2)
    kind = getattr(config, "problem_type", None)  # Transformers fills it in at the first batch
    if kind == "regression" or (kind is None and number == 1):
        if number == 1:
            return lambda output, labels: F.mse_loss(_scores(output).squeeze(-1), labels)
        return lambda output, labels: F.mse_loss(_scores(output), labels)
    if kind == "multi_label_classification":
        return lambda output, labels: F.binary_cross_entropy_with_logits(_scores(output), labels)
    return lambda output, labels: F.cross_entropy(_scores(output), labels)
