"""What an estimator of scikit-learn itself predicts, in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .judging import Truth
from .subject import Trial


def truth(trial: Trial) -> Truth:
    """Return what the estimator gives for its data: what it predicts, or its scores."""
    held: list[Any] = []
    model = getattr(trial.model, "regressor_", trial.model)  # before targets are scaled back
    for name in ("predict_proba", "decision_function", "predict"):
        if hasattr(model, name):
            found = np.asarray(getattr(model, name)(trial.x), np.float64)
            held += (
                [found, np.log(np.maximum(found, 1e-300))] if name == "predict_proba" else [found]
            )
    return Truth(held, math.nan, {})
