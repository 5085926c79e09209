"""Defib finds out why a neural network flatlined, and proves what revives it.

report = defib.check(model, x, y, loss=criterion, optimizer=optimizer, batch_size=32)
print(report)
"""

from ._api import check, export, inspect, replay, rules, vitals
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
)
from ._inspection import Archive, Inspection
from ._report import Evidence, Finding, Place, Report
from ._results import Replay, Rule, Vitals
from ._run import Run
from .sequential import (
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Reshape,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)

__version__ = "0.1.0"

__all__ = [
    "Archive",
    "Cancelled",
    "CannotReplay",
    "DefibError",
    "DefibWarning",
    "Dense",
    "Dropout",
    "EngineError",
    "Evidence",
    "ExportError",
    "Finding",
    "Flatten",
    "Inspection",
    "InvalidArgument",
    "InvalidRun",
    "LeakyReLU",
    "LogSoftmax",
    "Place",
    "ReLU",
    "Replay",
    "Report",
    "Reshape",
    "Rule",
    "Run",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Status",
    "Tanh",
    "Vitals",
    "__version__",
    "check",
    "export",
    "inspect",
    "replay",
    "rules",
    "vitals",
]
