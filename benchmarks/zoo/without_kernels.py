"""torchvision beside a PyTorch for the CPU.

The wheels of torchvision on PyPI are built for CUDA. Beside another build of PyTorch their kernels
(boxes, regions of interest) cannot be loaded, and importing fails where their shapes are declared.
The models of the zoo use none of them.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any


def torchvision() -> Any:
    """Import torchvision, with its kernels or without."""
    try:
        return importlib.import_module("torchvision")
    except RuntimeError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        declared = "torchvision._meta_registrations"
        sys.modules[declared] = types.ModuleType(declared)
        return importlib.import_module("torchvision")
