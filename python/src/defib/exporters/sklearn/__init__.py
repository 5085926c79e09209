"""scikit-learn: linear models, multi-layer perceptrons, and pipelines that end in one."""

from .build import build

__all__ = ["build"]
