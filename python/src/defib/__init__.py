"""Defib finds out why a neural network flatlined, and proves what revives it.

report = defib.check(model, x, y, loss=criterion, optimizer=optimizer, batch_size=32)
print(report)
"""

from typing import TYPE_CHECKING, Any

from ._api import check, export, replay, rules, vitals
from ._baseline import Baseline, assert_healthy
from ._cure import Change, Cure
from ._errors import (
    Cancelled,
    CannotReplay,
    DefibError,
    DefibWarning,
    EngineError,
    ExportError,
    InvalidArgument,
    InvalidRun,
    Status,
    UnfaithfulExport,
)
from ._inspection import Archive, Inspection, inspect
from ._report import Evidence, Finding, Place, Report
from ._results import Replay, Rule, Vitals
from ._run import Run
from .integrations.recorder import Recorder
from .sequential import (
    CELU,
    ELU,
    GELU,
    GRU,
    LSTM,
    RNN,
    SELU,
    AveragePool1D,
    AveragePool2D,
    BatchNorm,
    Clip,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePool,
    GlobalMaxPool,
    HardSigmoid,
    HardSwish,
    LayerNorm,
    LeakyReLU,
    LogSoftmax,
    MaxPool1D,
    MaxPool2D,
    Mish,
    PReLU,
    ReLU,
    Reshape,
    Sequential,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
    Transpose,
)

if TYPE_CHECKING:
    from .integrations.accelerate import AccelerateRecorder
    from .integrations.keras import KerasRecorder
    from .integrations.lightning import LightningRecorder
    from .integrations.skorch import SkorchRecorder
    from .integrations.transformers import TransformersRecorder

__version__ = "0.1.0"

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "SELU",
    "AccelerateRecorder",
    "Archive",
    "AveragePool1D",
    "AveragePool2D",
    "Baseline",
    "BatchNorm",
    "Cancelled",
    "CannotReplay",
    "Change",
    "Clip",
    "Conv1D",
    "Conv2D",
    "Cure",
    "DefibError",
    "DefibWarning",
    "Dense",
    "Dropout",
    "Embedding",
    "EngineError",
    "Evidence",
    "ExportError",
    "Finding",
    "Flatten",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "HardSigmoid",
    "HardSwish",
    "Inspection",
    "InvalidArgument",
    "InvalidRun",
    "KerasRecorder",
    "LayerNorm",
    "LeakyReLU",
    "LightningRecorder",
    "LogSoftmax",
    "MaxPool1D",
    "MaxPool2D",
    "Mish",
    "PReLU",
    "Place",
    "ReLU",
    "Recorder",
    "Replay",
    "Report",
    "Reshape",
    "Rule",
    "Run",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SkorchRecorder",
    "Softmax",
    "Softplus",
    "Softsign",
    "Status",
    "Tanh",
    "TransformersRecorder",
    "Transpose",
    "UnfaithfulExport",
    "Vitals",
    "__version__",
    "assert_healthy",
    "check",
    "export",
    "inspect",
    "replay",
    "rules",
    "vitals",
]

#: what needs a framework -> the module that it is in, imported when it is asked for
_LATER = {
    "AccelerateRecorder": "accelerate", "KerasRecorder": "keras", "LightningRecorder": "lightning",
    "SkorchRecorder": "skorch", "TransformersRecorder": "transformers",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        module = import_module(f".integrations.{_LATER[name]}", __name__)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        raise ImportError(
            f"{name} needs the package {missing}, which is not installed: pip install {missing}"
        ) from error
    return getattr(module, name)
