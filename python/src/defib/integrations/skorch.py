"""A callback for the nets of skorch that records a training.

It is imported only when it is used; `import defib` needs no skorch.
"""

from __future__ import annotations

from typing import Any

from skorch.callbacks import Callback

from .._run import Run
from .recorder import Path, Recorder


class SkorchRecorder(Callback):  # type: ignore[misc, unused-ignore]
    """Records what `net.fit` does and exports it at its end.

    ```python
    net = NeuralNetClassifier(Module, callbacks=[defib.SkorchRecorder("runs/a")])
    net.fit(x, y)
    ```

    Data, validation data, criterion, optimizer and batch size are those of the net.
    """

    def __init__(self, path: Path, snapshots: int = 8, settings: Any = None) -> None:
        """Take what the net cannot tell.

        Args:
            path: The folder to write.
            snapshots: The most copies of the weights that are kept from the way.
            settings: A dict of further arguments of `defib.export`, such as `scheduler` or `clip`.
        """
        self.path, self.snapshots, self.settings = path, snapshots, settings

    def initialize(self) -> Any:
        """Begin anew: skorch calls this before each training."""
        self.recorder_: Recorder | None = None
        self.data_: tuple[Any, Any] = (None, None)
        return self

    @property
    def run(self) -> Run | None:
        """The run, once it is written."""
        recorder = getattr(self, "recorder_", None)
        return None if recorder is None else recorder.run

    def on_train_begin(self, net: Any, X: Any = None, y: Any = None, **_: Any) -> None:  # noqa: N803
        """Copy the parameters."""
        self.recorder_ = Recorder(
            self.path, net.module_, optimizer=getattr(net, "optimizer_", None),
            snapshots=self.snapshots,
        )  # fmt: skip

    def on_epoch_begin(
        self,
        net: Any,
        dataset_train: Any = None,
        dataset_valid: Any = None,
        **_: Any,
    ) -> None:
        """Note the data, of which skorch has cut off those of the validation."""
        self.data_ = (dataset_train, dataset_valid)

    def on_batch_end(
        self,
        net: Any,
        batch: Any = None,
        training: bool = False,
        loss: Any = None,
        **_: Any,
    ) -> None:
        """Note the loss of a step."""
        if training and self.recorder_ is not None and loss is not None:
            self.recorder_.step(loss)

    def on_epoch_end(self, net: Any, **_: Any) -> None:
        """Note the loss of the validation."""
        last = net.history[-1]
        held = {"val_loss": last["valid_loss"]} if "valid_loss" in last else {}
        if self.recorder_ is not None:
            self.recorder_.epoch(**held)

    def on_train_end(self, net: Any, X: Any = None, y: Any = None, **_: Any) -> None:  # noqa: N803
        """Write the run."""
        if self.recorder_ is None or self.recorder_.run is not None:
            return
        train, validation = self.data_
        settings = {"loss": _loss(net), "batch_size": _size(net, train)}
        if validation is not None:
            settings["validation"] = validation
        self.recorder_.finish(train, **(settings | dict(self.settings or {})))


def _size(net: Any, dataset: Any) -> int | None:
    # -1 means all rows at once.
    size = net.batch_size
    return size if size > 0 else len(dataset) if dataset is not None else None


def _loss(net: Any) -> Any:
    """Return the net's loss of what its module gives."""
    from torch import nn

    criterion = net.criterion_
    if not isinstance(criterion, nn.NLLLoss):
        return criterion
    # Its modules give probabilities, of which skorch takes the logarithm.
    named = {"kind": "categorical-cross-entropy", "reduction": criterion.reduction}
    return named if criterion.weight is None and criterion.ignore_index == -100 else criterion
