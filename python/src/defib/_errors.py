"""What this package raises."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """How a call of the engine ended, as in defib.h."""

    OK = 0
    INVALID_ARGUMENT = 1
    INVALID_RUN = 2
    CANNOT_REPLAY = 3
    CANCELLED = 4
    SYSTEM = 5


class DefibWarning(UserWarning):
    """Part of the script could not be carried into the run, but the rest could."""


class DefibError(Exception):
    """Base of everything that Defib raises; `status` says what kind of failure it was."""

    status: Status = Status.SYSTEM

    def __init__(self, message: str, status: Status | None = None) -> None:
        super().__init__(message)
        if status is not None:
            self.status = status


class InvalidArgument(DefibError, ValueError):  # noqa: N818 - the name says it all
    """An argument is missing, of the wrong type or out of its range."""

    status = Status.INVALID_ARGUMENT


class InvalidRun(DefibError):  # noqa: N818
    """The run, a file or an array is missing, damaged, or not what was promised."""

    status = Status.INVALID_RUN


class CannotReplay(DefibError):  # noqa: N818
    """The run was read, but an operator, a loss or a shape of it does not fit."""

    status = Status.CANNOT_REPLAY


class Cancelled(DefibError):  # noqa: N818
    """The progress callback asked to stop."""

    status = Status.CANCELLED


class EngineError(DefibError):
    """The engine is missing, too old, or ran out of a resource of the system."""

    status = Status.SYSTEM


class ExportError(DefibError):
    """The model or its training settings cannot be written as a run."""

    status = Status.INVALID_ARGUMENT


class UnfaithfulExport(ExportError):  # noqa: N818
    """The export would not compute what the model computes: a small batch told them apart."""


_CLASSES: dict[int, type[DefibError]] = {
    Status.INVALID_ARGUMENT: InvalidArgument,
    Status.INVALID_RUN: InvalidRun,
    Status.CANNOT_REPLAY: CannotReplay,
    Status.CANCELLED: Cancelled,
    Status.SYSTEM: EngineError,
}


def error_for(status: int, message: str) -> DefibError:
    """Build the exception that stands for a failed status of the engine."""
    kind = _CLASSES.get(status)
    if kind is None:
        return DefibError(message or f"the engine returned the unknown status {status}")
    return kind(message or f"the engine gave no message (status {status})")
