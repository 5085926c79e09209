"""ONNX models: a ModelProto, a path to a file, or the bytes of one."""

from .build import build

__all__ = ["build"]
