"""Opens ONNX models: a ModelProto, a file, or the bytes of one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import external_data_helper, helper, numpy_helper

from ..._errors import ExportError
from ..arrays import Array, as_array
from .constants import readable


@dataclass(frozen=True)
class Loaded:
    """A model as it was given, and the folder in which its external data lies."""

    model: onnx.ModelProto
    folder: Path | None

    def arrays(self) -> dict[str, Array]:
        """Read every initializer; external ones are mapped, not loaded.

        Raises:
            ExportError: some hold texts, or their file is missing or too short;
                all of them are listed.
        """
        arrays: dict[str, Array] = {}
        problems: list[str] = []
        for tensor in self.model.graph.initializer:
            try:
                arrays[tensor.name] = as_array(
                    readable(self._array(tensor)), f"initializer {tensor.name}"
                )
            except (ExportError, OSError, ValueError, TypeError) as error:
                text = str(error)
                problems.append(text if tensor.name in text else f"{tensor.name}: {text}")
        if problems:
            raise ExportError("the weights cannot be read:\n  " + "\n  ".join(problems))
        return arrays

    def _array(self, tensor: onnx.TensorProto) -> Any:
        if not external_data_helper.uses_external_data(tensor):
            return numpy_helper.to_array(tensor)
        if self.folder is None:
            raise ExportError("its values lie in another file; pass the path of the model instead")
        info = external_data_helper.ExternalDataInfo(tensor)
        file = (self.folder / info.location).resolve()
        if not file.is_relative_to(self.folder.resolve()):
            raise ExportError(f"its file {info.location} lies outside the model's folder")
        kind = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type)).newbyteorder("<")
        shape = tuple(tensor.dims)
        if 0 in shape:
            return np.empty(shape, kind)
        mapped = np.memmap(file, kind, "r", int(info.offset or 0), shape)
        return mapped if mapped.flags.aligned else np.array(mapped)


def load(model: Any) -> Loaded:
    """Open a model.

    Raises:
        ExportError: it cannot be read, or is not an ONNX model with at least one node.
    """
    folder = None
    what = "the model"
    try:
        if isinstance(model, onnx.ModelProto):
            proto = model
        elif isinstance(model, (bytes, bytearray, memoryview)):
            proto = onnx.load_model_from_string(bytes(model))
        else:
            path = Path(model)
            what, folder = str(path), path.parent
            proto = onnx.load(path, load_external_data=False)
    except OSError as error:
        raise ExportError(f"{what} cannot be read: {error.strerror or error}") from error
    except (DecodeError, ValueError) as error:
        raise ExportError(f"{what} is not an ONNX model: {error}") from error
    if not proto.graph.node:
        raise ExportError(f"{what} has no nodes; expected an ONNX model with a graph")
    return Loaded(proto, folder)
