"""`fit` of scikit-learn, and the export of what was fitted, for scripts to import."""

# ruff: noqa: F401 - scripts take everything from here

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import defib


def fit(m: Any, x: Any, y: Any, path: str) -> str:
    """Fit, and leave a run at `path`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        m.fit(x, y)
    defib.export(path, m, x, y)
    return path
