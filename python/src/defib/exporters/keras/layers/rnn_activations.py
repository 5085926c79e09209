"""The activations of recurrent cells in the words of ONNX."""

from __future__ import annotations

from typing import Any

from ...._errors import ExportError

#: function of Keras -> name in ONNX, alpha, beta
_KNOWN: dict[str, tuple[str, float | None, float | None]] = {
    "tanh": ("Tanh", None, None),
    "sigmoid": ("Sigmoid", None, None),
    "relu": ("Relu", None, None),
    "softsign": ("Softsign", None, None),
    "softplus": ("Softplus", None, None),
    "linear": ("Affine", 1.0, 0.0),
    "hard_sigmoid": ("HardSigmoid", 1 / 6, 0.5),
    "leaky_relu": ("LeakyRelu", 0.2, None),
    "elu": ("Elu", 1.0, None),
}

_DEFAULTS = {
    "RNN": ["Tanh"],
    "GRU": ["Sigmoid", "Tanh"],
    "LSTM": ["Sigmoid", "Tanh", "Tanh"],
}


def activations(cell: Any, op: str) -> dict[str, Any]:
    """Return the attributes of a cell's activations; none where ONNX has the same by itself.

    Raises:
        ExportError: ONNX has no name for one of them.
    """
    functions = [cell.activation]
    if op != "RNN":
        functions = [cell.recurrent_activation, cell.activation]
    if op == "LSTM":
        functions.append(cell.activation)
    found = []
    for function in functions:
        name = str(getattr(function, "__name__", type(function).__name__))
        module = str(getattr(function, "__module__", ""))
        if name not in _KNOWN or not module.startswith("keras.src.activations"):
            raise ExportError(f"has the activation {name}; known are {', '.join(_KNOWN)}")
        found.append(_KNOWN[name])
    names = [entry[0] for entry in found]
    if names == _DEFAULTS[op]:
        return {}
    attributes: dict[str, Any] = {"activations": names}
    alphas = [entry[1] for entry in found if entry[1] is not None]
    betas = [entry[2] for entry in found if entry[2] is not None]
    if alphas:
        attributes["activation_alpha"] = alphas
    if betas:
        attributes["activation_beta"] = betas
    return attributes
