"""Keras 3 and tf.keras: Sequential, functional and subclassed models."""

from .build import build

__all__ = ["build"]
