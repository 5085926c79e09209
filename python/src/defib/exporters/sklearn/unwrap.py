"""From a pipeline to the estimator at its end, and to the data as it reaches that estimator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline

from ..._errors import ExportError
from ..arrays import Array, as_array
from ..tables import is_table, named_columns, told_names


@dataclass
class Unwrapped:
    """A fitted estimator with what stands in front of it."""

    estimator: Any
    #: names of the steps on the way, for the names of layers
    steps: list[str] = field(default_factory=list)
    #: what transforms x, in order
    before: list[Any] = field(default_factory=list)
    #: what transforms y, in order
    targets: list[Any] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """What the names of layers begin with."""
        return "".join(f"{step}/" for step in self.steps)

    def inputs(self, x: Any, what: str) -> Array:
        """Transform x as the pipeline does when it predicts.

        Raises:
            ExportError: a step cannot transform it, or the result is not a table of numbers.
        """
        for part in self.before:
            try:
                x = part.transform(x)
            except Exception as error:
                raise ExportError(
                    f"{what}: {type(part).__name__} cannot transform it: {error}"
                ) from error
        if hasattr(x, "toarray"):
            x = x.toarray()
        array = as_array(x, what)
        if array.ndim != 2:
            raise ExportError(f"{what} has shape {array.shape}; expected (samples, features)")
        wanted = getattr(self.estimator, "n_features_in_", array.shape[1])
        if array.shape[1] != wanted:
            raise ExportError(
                f"{what} has {array.shape[1]} features; {type(self.estimator).__name__} was fitted "
                f"on {wanted}"
            )
        return array

    def columns(self, x: Any) -> list[str] | None:
        """Return what the features that reach the estimator are called.

        None: nobody named them, or a step does not say what its features are.
        """
        own = told_names(getattr(self.estimator, "feature_names_in_", None))
        if own is not None:
            return own
        names = named_columns(x) if is_table(x) else None
        if names is None and self.before:
            names = told_names(getattr(self.before[0], "feature_names_in_", None))
        for part in self.before if names is not None else ():
            try:
                names = told_names(part.get_feature_names_out(names))
            except (AttributeError, TypeError, ValueError):  # as a FunctionTransformer has it
                return None
        held: list[str] | None = names
        return held

    def outputs(self, y: Any) -> Any:
        """Transform y as a TransformedTargetRegressor does before it fits."""
        for part in self.targets:
            y = np.asarray(y)
            y = part.transform(y.reshape(-1, 1) if y.ndim == 1 else y)
        return y


def unwrap(model: Any) -> Unwrapped:
    """Look through pipelines, searches and transformed targets.

    Raises:
        ExportError: the model was never fitted, or a pipeline has no estimator at its end.
    """
    found = Unwrapped(model)
    while True:
        estimator = found.estimator
        if isinstance(estimator, Pipeline):
            name, last = estimator.steps[-1]
            if isinstance(last, str) or last is None or not hasattr(last, "predict"):
                raise ExportError(f"the pipeline ends in {name}, which does not predict")
            _fitted(last)
            found.before += [
                step for _, step in estimator.steps[:-1] if step not in (None, "passthrough")
            ]
            found.steps.append(str(name))
            found.estimator = last
        elif isinstance(estimator, TransformedTargetRegressor):
            _fitted(estimator)
            found.targets.append(estimator.transformer_)
            found.estimator = estimator.regressor_
        elif hasattr(estimator, "best_estimator_"):
            found.estimator = estimator.best_estimator_
        else:
            _fitted(estimator)
            return found


def _fitted(estimator: Any) -> None:
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(estimator)
    except Exception as error:
        raise ExportError(
            f"{type(estimator).__name__} was never fitted; call fit(x, y) before the export"
        ) from error
