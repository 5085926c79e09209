"""One module per framework, each imported only when a model of that framework comes along."""

from __future__ import annotations

import os
from typing import Any

from .._errors import ExportError
from .document import RunDocument
from .settings import Settings

__all__ = ["RunDocument", "Settings", "build", "is_onnx"]


def build(model: Any, x: Any, y: Any, settings: Settings) -> RunDocument:
    """Build the run of a model with the exporter of the model's own framework.

    Raises:
        ExportError: no exporter knows the model, or the exporter cannot express it.
    """
    if x is None:
        raise ExportError("x is missing: pass the inputs that the model was trained on")
    modules = {kind.__module__ + "." + kind.__qualname__ for kind in type(model).__mro__}
    if is_onnx(model):
        try:
            from . import onnx
        except ModuleNotFoundError as error:
            raise ExportError(
                f"an ONNX model needs the package {error.name}: pip install onnx"
            ) from error

        return onnx.build(model, x, y, settings)
    if settings.trainable is not None:
        raise ExportError(
            "trainable goes with an ONNX model; other models say themselves what they train"
        )
    # On its torch backend a Keras model is a torch.nn.Module too, so Keras comes first.
    if "keras.src.models.model.Model" in modules:
        from . import keras

        return keras.build(model, x, y, settings)
    if "torch.nn.modules.module.Module" in modules:
        from . import torch

        return torch.build(model, x, y, settings)
    if "sklearn.base.BaseEstimator" in modules:
        from . import sklearn

        return sklearn.build(model, x, y, settings)
    if "defib.sequential.model.Sequential" in modules:
        from . import sequential

        return sequential.build(model, x, y, settings)
    raise ExportError(
        f"a model of type {type(model).__module__}.{type(model).__qualname__} cannot be exported; "
        "expected a torch.nn.Module, a keras.Model, an estimator of scikit-learn, an ONNX model "
        "or a defib.Sequential"
    )


def is_onnx(model: Any) -> bool:
    """Whether a value can only be an ONNX model, told without importing onnx."""
    if isinstance(model, (str, os.PathLike)):
        return os.fsdecode(model).endswith(".onnx") and not os.path.isdir(model)
    if isinstance(model, (bytes, bytearray, memoryview)):
        return True
    return any(kind.__name__ == "ModelProto" for kind in type(model).__mro__)
