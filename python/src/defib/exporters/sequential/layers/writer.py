"""One layer of a `defib.Sequential` on its way into the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...document import RunDocument
from ...nodes import NodeWriter


class Writer(NodeWriter):
    """What a handler needs to write its layer.

    Args:
        document: The run.
        name: What the user calls the layer.
        layer: The layer.
        tensor: What it reads.
        before: The shape of a sample in front of it.
        after: The shape of a sample behind it.
        training: Whether the run is one in training mode.
        held: The layer's parameters in the run, by their names inside the layer.
    """

    def __init__(
        self, document: RunDocument, name: str, layer: Any, tensor: str, before: tuple[int, ...],
        after: tuple[int, ...], training: bool, held: dict[str, str],
    ) -> None:  # fmt: skip
        super().__init__(document, name)
        self.op, self.tensor, self.held, self.training = layer, tensor, held, training
        self.before, self.after = before, after


Handler = Callable[[Writer], str]
