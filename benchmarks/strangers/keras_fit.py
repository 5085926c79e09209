"""`fit` of Keras with the recorder as the README shows it, for scripts to import."""

# ruff: noqa: F401 - the backend is chosen first; scripts take everything from here

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from typing import Any

import keras
import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]
from keras import layers as L  # noqa: N812

import defib


def seed(value: int) -> None:
    """Seed everything that draws."""
    keras.utils.set_random_seed(value)


def fit(m: Any, x: Any, y: Any, path: str, epochs: int, bs: int = 32, **more: Any) -> str:
    """Train, and leave a run at `path`."""
    recorder = defib.KerasRecorder(path)
    m.fit(x, y, epochs=epochs, batch_size=bs, verbose=0, callbacks=[recorder], **more)
    return path
