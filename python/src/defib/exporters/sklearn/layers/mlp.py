"""MLPClassifier and MLPRegressor."""

from __future__ import annotations

from typing import Any

from ...arrays import Array
from ...document import RunDocument
from ...nodes import NodeWriter
from .. import loss, names, optimizer
from ..network import Network

_ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid", "identity": ""}

_HEADS = {"logistic": "Sigmoid", "softmax": "Softmax", "exp": "Exp", "identity": ""}


def mlp(document: RunDocument, model: Any, x: str, prefix: str, rows: int) -> Network:
    """Write a multi-layer perceptron.

    scikit-learn takes the gradient with respect to what goes into its softmax or sigmoid, in
    float64. So the loss is written on that: in float32 the probabilities themselves would round to
    0 and 1 long before its clip.
    """
    parameters: dict[str, list[str]] = {"coefs_": [], "intercepts_": []}
    tensor, count = x, len(model.coefs_)
    for i, (weight, bias) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        last = i == count - 1
        layer = names.output_layer(prefix) if last else names.hidden_layer(prefix, i)
        held = []
        for part, array in (("coefs_", weight), ("intercepts_", bias)):
            held.append(document.add_parameter(names.parameter(prefix, part, i), array))
            parameters[part].append(held[-1])
        write = NodeWriter(document, layer)
        before = tensor = write.emit("Gemm", tensor, *held)
        kind = model.out_activation_ if last else model.activation
        op = (_HEADS if last else _ACTIVATIONS)[kind]
        if op:
            attributes = {"axis": 1} if op == "Softmax" else {}
            tensor = write.emit(op, tensor, part=kind, **attributes)
    width = int(model.n_outputs_)
    entry, targets, prediction = loss.of_perceptron(model, before, tensor, width)
    result = Network(
        tensor, prediction, width, entry, targets, parameters["coefs_"] + parameters["intercepts_"]
    )
    optimizer.of_perceptron(model, result, rows, parameters["coefs_"])
    if model.early_stopping:
        result.notes.append(
            f"early_stopping held out {model.validation_fraction:.0%} of x; the run has all of it"
        )
    if entry["kind"] == "poisson-nll":
        result.notes.append("the replayed loss lacks the constant y·log(y) - y of scikit-learn's")
    return result


def arrays(model: Any) -> list[Array]:
    """Return the parameters in the order of `Network.parameters`."""
    return [*model.coefs_, *model.intercepts_]
