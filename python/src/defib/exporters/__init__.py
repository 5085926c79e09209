"""One package per framework, each imported only when a model of that framework comes along.

All have the same files, as far as the framework has what is in them:

- `build`: from a model, its data and the settings to a `RunDocument`;
- `graph`: walks the model and writes its operators, by way of `nodes.NodeWriter`;
- `layers/` or `ops/`: how each layer or function of the framework is written;
- `names`: what findings call the layers and parameters;
- `loss`, `optimizer`: the framework's own objects as entries of run.json;
- `proof`: a few rows through the framework itself, to hold the replay against.
"""

from __future__ import annotations

from typing import Any

from .._errors import ExportError
from . import slips
from .document import RunDocument
from .kinds import class_names, is_onnx, kept_model
from .reading import taken
from .settings import Settings
from .tables import placed

__all__ = ["RunDocument", "Settings", "build", "is_onnx", "kept_model", "taken"]


def build(model: Any, x: Any, y: Any, settings: Settings) -> RunDocument:
    """Build the run of a model with the exporter of the model's own framework.

    Raises:
        ExportError: no exporter knows the model, or the exporter cannot express it.
    """
    document = _built(model, x, y, settings)
    targets = [name for name in document.data if name not in document.inputs]
    document.name_columns(placed(settings.columns.x, document.inputs))
    document.name_columns(placed(settings.columns.y, targets))
    return document


def _built(model: Any, x: Any, y: Any, settings: Settings) -> RunDocument:
    if x is None:
        raise ExportError("x is missing: pass the inputs that the model was trained on")
    kinds = class_names(model)
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
    if "keras.src.models.model.Model" in kinds:
        from . import keras

        return keras.build(model, x, y, settings)
    if "torch.nn.modules.module.Module" in kinds:
        from . import torch

        return torch.build(model, x, y, settings)
    if "sklearn.base.BaseEstimator" in kinds:
        from . import sklearn

        return sklearn.build(model, x, y, settings)
    if "defib.sequential.model.Sequential" in kinds:
        from . import sequential

        return sequential.build(model, x, y, settings)
    told = kept_model(model) or slips.of_model(model, x)
    if told:
        raise ExportError(told)
    raise ExportError(
        f"a model of type {type(model).__module__}.{type(model).__qualname__} cannot be exported; "
        "expected a torch.nn.Module, a keras.Model, an estimator of scikit-learn, an ONNX model "
        "or a defib.Sequential"
    )
