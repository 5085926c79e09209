"""Writes the layers of an estimator into a run."""

from __future__ import annotations

from typing import Any

from ..._errors import ExportError
from ..arrays import Array
from ..document import RunDocument
from .layers import linear, mlp
from .network import Network
from .unwrap import Unwrapped


def write(document: RunDocument, found: Unwrapped, x: str, rows: int) -> Network:
    """Write an estimator of a known class.

    Raises:
        ExportError: its class is not known.
    """
    estimator = found.estimator
    names = {kind.__name__ for kind in type(estimator).__mro__}
    if names & {"MLPClassifier", "MLPRegressor"}:
        return mlp.mlp(document, estimator, x, found.prefix, rows)
    if linear.kind_of(estimator):
        return linear.linear(document, estimator, x, found.prefix, rows)
    raise ExportError(
        f"{type(estimator).__name__} cannot be exported; known are MLPClassifier, MLPRegressor, "
        f"{', '.join(linear.known())}, and pipelines and searches over them"
    )


def arrays(estimator: Any) -> list[Array]:
    """Return the parameters of an estimator in the order of `Network.parameters`."""
    return mlp.arrays(estimator) if hasattr(estimator, "coefs_") else linear.arrays(estimator)
