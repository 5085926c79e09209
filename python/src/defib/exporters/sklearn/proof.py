"""Compares the replay of an export with what the estimator itself predicts for a few rows."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn import metrics

from .. import proof
from ..arrays import Array
from ..document import RunDocument
from ..samples import Sample, samples

FRAMEWORK = "scikit-learn"
#: The rounding of float32, in which the replay computes.
_ROUNDING = 6e-8


def prove(document: RunDocument, estimator: Any, output: str, own_loss: bool) -> None:
    """Compare outputs, and the loss where scikit-learn has a public function for it.

    Args:
        document: The whole run; its x is what reaches the estimator.
        estimator: The fitted estimator.
        output: The tensor of the run that predictions are made of.
        own_loss: Whether the loss of the run is the estimator's own.

    Raises:
        UnfaithfulExport: the replay computes something else.
    """
    for sample in samples(document):
        sample.document.training.pop("regularization", None)
        found = proof.replayed(sample)
        if found is None or output not in found.outputs:
            return
        x = sample.data("x")
        rounded = [(estimator, _moved(x)), (_single(estimator), np.asarray(x, np.float32))]
        answers = _answers(estimator, x)
        nears = [_answers(*pair) for pair in rounded]
        here = {output: found.outputs[output]}
        apart = [
            _left(
                proof.Truth(here), proof.Truth({output: answer}),
                [proof.Truth({output: near[place]}) for near in nears if len(near) > place],
            )
            for place, answer in enumerate(answers)
            if answer.size == here[output].size
        ]  # fmt: skip
        if apart and all(apart):
            raise proof.refused(apart[0][0], FRAMEWORK, "", [])
        if not own_loss:
            return
        loss = _loss(estimator, document, sample, x)
        close = [_loss(model, document, sample, rows) for model, rows in rounded]
        left = _left(
            proof.Truth({}, found.loss), proof.Truth({}, loss),
            [proof.Truth({}, other) for other in close],
        )  # fmt: skip
        if left:
            raise proof.refused(left[0], FRAMEWORK, "", [])
        return


def _left(
    found: proof.Truth, wanted: proof.Truth, rounded: list[proof.Truth]
) -> list[proof.Difference]:
    """Return what none of several ways to round explains."""
    left = proof.differences(found, wanted)
    for other in rounded:
        left = left and proof.differences(found, wanted, other)
    return left


def _single(estimator: Any) -> Any:
    """Return a copy whose weights are float32: how far it comes off is what float32 costs.

    Large features make large sums that cancel, which no move of the inputs shows.
    """
    twin = copy.copy(estimator)
    for name, value in vars(estimator).items():
        if isinstance(value, np.ndarray) and value.dtype == np.float64:
            setattr(twin, name, value.astype(np.float32))
        elif isinstance(value, list) and value and all(isinstance(v, np.ndarray) for v in value):
            setattr(twin, name, [v.astype(np.float32) if v.dtype.kind == "f" else v for v in value])
    return twin


def _moved(x: Array) -> Array:
    """Move inputs by the rounding of float32: what that changes, no replay in float32 can keep.

    A perfect fit is the plainest case: its loss is all rounding.
    """
    values = np.asarray(x, dtype=np.float64)
    moves = np.random.default_rng(0).standard_normal(values.shape)
    return values * (1 + _ROUNDING * moves)


def _answers(estimator: Any, x: Array) -> list[Array]:
    """Return everything that the estimator says of some rows, one of which the output must be."""
    result = []
    for name in ("predict_proba", "decision_function", "predict"):
        if not hasattr(estimator, name):
            continue
        try:
            answer = np.asarray(getattr(estimator, name)(x))
        except Exception:  # a loss without probabilities says so only when it is asked
            continue
        if answer.dtype.kind != "f":
            continue
        result.append(answer)
        if name == "predict_proba" and answer.ndim == 2 and answer.shape[1] == 2:
            result.append(answer[:, 1:])
    return result


def _loss(estimator: Any, document: RunDocument, sample: Sample, x: Array) -> float | None:
    """Return the mean loss of some rows without penalties; None: there is no function for it."""
    if not document.losses or "sample_weight" in document.losses[0]:
        return None
    kind, target = type(estimator).__name__, document.losses[0]["target"]
    y = sample.data(target)
    if kind in ("MLPRegressor", "LinearRegression") and document.losses[0]["kind"] == "mse":
        half = 0.5 if kind == "MLPRegressor" else 1.0
        predicted = np.reshape(estimator.predict(x), y.shape)
        return half * float(metrics.mean_squared_error(y, predicted))
    if kind in ("MLPClassifier", "LogisticRegression") and document.losses[0]["kind"] == (
        "cross-entropy"
    ):
        labels = np.arange(len(estimator.classes_))
        return float(metrics.log_loss(y.ravel(), estimator.predict_proba(x), labels=labels))
    return None
