"""Tells what a model is without importing its framework."""

from __future__ import annotations

import os
from typing import Any


def class_names(value: Any) -> set[str]:
    """Return the full names of the class of a value and of what it derives from."""
    return {f"{kind.__module__}.{kind.__qualname__}" for kind in type(value).__mro__}


def is_onnx(model: Any) -> bool:
    """Whether a value can only be an ONNX model."""
    if isinstance(model, (str, os.PathLike)):
        return os.fsdecode(model).endswith(".onnx") and not os.path.isdir(model)
    if isinstance(model, (bytes, bytearray, memoryview)):
        return True
    return any(kind.__name__ == "ModelProto" for kind in type(model).__mro__)
