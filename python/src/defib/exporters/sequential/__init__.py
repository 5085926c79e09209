"""`defib.Sequential`: a network in plain NumPy."""

from .build import build

__all__ = ["build"]
