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


#: How files that hold a model, or the weights of one, are loaded, by the ends of their names.
_LOADED = {
    (".pt", ".pth", ".bin", ".ckpt"): "PyTorch: build the module and call "
    "model.load_state_dict(torch.load(path)); or, where the whole module was saved, "
    "model = torch.load(path, weights_only=False)",
    (".safetensors",): "weights: build the module and call "
    "model.load_state_dict(safetensors.torch.load_file(path))",
    (".keras", ".h5", ".hdf5"): "Keras: model = keras.models.load_model(path)",
    (".joblib",): "scikit-learn: model = joblib.load(path)",
    (".pkl", ".pickle"): "Python: model = pickle.load(open(path, 'rb'))",
}


def kept_model(value: Any) -> str:
    """Say how the file of a model is loaded; empty where a value is no path of such a file."""
    if not isinstance(value, (str, os.PathLike)) or os.path.isdir(value):
        return ""
    name = os.fsdecode(value)
    for ends, how in _LOADED.items():
        if name.endswith(ends):
            return f"{name} is a file of {how}; then pass the model with x and y"
    return ""
