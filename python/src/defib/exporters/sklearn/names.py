"""What findings call the layers and the parameters of an estimator."""

from __future__ import annotations


def hidden_layer(prefix: str, index: int) -> str:
    """Return the name of a hidden layer; `prefix` has the steps of the pipeline around it."""
    return f"{prefix}hidden{index + 1}"


def output_layer(prefix: str) -> str:
    """Return the name of the last layer."""
    return f"{prefix}output"


def parameter(prefix: str, attribute: str, index: int | None = None) -> str:
    """Return the name of a parameter: the attribute of the estimator that holds it."""
    return f"{prefix}{attribute}" if index is None else f"{prefix}{attribute}[{index}]"
