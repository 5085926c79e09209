"""A callback for Lightning that records a training.

It is imported only when it is used; `import defib` needs no Lightning.
"""

from __future__ import annotations

import importlib
from typing import Any

from .._errors import ExportError, InvalidArgument
from .._run import Run
from .recorder import Path, Recorder


def _callback() -> Any:
    """Return the base class of callbacks, by either name of the package.

    Raises:
        ImportError: there is no Lightning.
    """
    for package in ("lightning.pytorch", "pytorch_lightning"):
        try:
            return importlib.import_module(f"{package}.callbacks").Callback
        except ImportError:
            continue
    raise ImportError("LightningRecorder needs Lightning: pip install lightning")


_Callback: Any = _callback()


class LightningRecorder(_Callback):  # type: ignore[misc]
    """Records what a `Trainer` does and exports it when the fit ends, by an exception as well.

    ```python
    trainer = Trainer(callbacks=[defib.LightningRecorder("runs/a")])
    ```
    """

    def __init__(
        self,
        path: Path,
        x: Any = None,
        y: Any = None,
        *,
        model: Any = None,
        loss: Any = None,
        snapshots: int = 8,
        **settings: Any,
    ) -> None:
        """Take what the trainer cannot tell.

        Args:
            path: The folder to write.
            x: Inputs. None: those of the trainer's `TensorDataset`.
            y: Targets, likewise.
            model: The module to export. None: the LightningModule itself.
            loss: The loss. None: the only criterion among the module's attributes.
            snapshots: The most copies of the weights that are kept from the way.
            **settings: Further arguments of `defib.export`.
        """
        super().__init__()
        self._path, self._x, self._y = path, x, y
        self._model, self._loss, self._settings = model, loss, settings
        self._snapshots = snapshots
        self._recorder: Recorder | None = None

    @property
    def run(self) -> Run | None:
        """The run, once it is written."""
        return None if self._recorder is None else self._recorder.run

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Begin: copy the parameters."""
        if getattr(trainer, "global_rank", 0) == 0:
            model = pl_module if self._model is None else self._model
            self._recorder = Recorder(self._path, model, snapshots=self._snapshots)

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Note the loss of a step."""
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        if self._recorder is not None and loss is not None:
            for optimizer in _optimizers(trainer)[:1]:
                self._recorder.watch_rate(optimizer)
            self._recorder.step(loss)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Note the metrics that the script logs."""
        if self._recorder is not None:
            held = dict(getattr(trainer, "callback_metrics", {}))
            self._recorder.epoch(**{str(name): value for name, value in held.items()})

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """Export the run."""
        if self._recorder is not None and self._recorder.run is None:
            x, y, settings = self._gathered(trainer, pl_module)
            self._recorder.finish(x, y, **settings)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Export what there is; the exception goes on."""
        if self._recorder is not None and self._recorder.run is None:
            try:
                x, y, settings = self._gathered(trainer, pl_module)
            except InvalidArgument:
                return
            self._recorder.rescue(exception, x, y, **settings)

    def _gathered(self, trainer: Any, pl_module: Any) -> tuple[Any, Any, dict[str, Any]]:
        x, y = self._data(trainer)
        settings = {"loss": self._loss or _criterion(pl_module)} | self._settings
        optimizers = _optimizers(trainer)
        if "optimizer" not in settings and len(optimizers) == 1:
            settings["optimizer"] = optimizers[0]
        settings = _loop(trainer) | settings
        if self._recorder is not None:
            self._recorder.note_precision(_precision(trainer))
        return x, y, settings

    def _data(self, trainer: Any) -> tuple[Any, Any]:
        if self._x is not None:
            return self._x, self._y
        dataset = getattr(getattr(trainer, "train_dataloader", None), "dataset", None)
        tensors = getattr(dataset, "tensors", None)
        if tensors is None or len(tensors) != 2:
            raise InvalidArgument(
                "the training data is not a TensorDataset of inputs and targets; pass the arrays: "
                "LightningRecorder(path, x, y)"
            )
        return tensors[0], tensors[1]


def _criterion(module: Any) -> Any:
    """Return the only attribute of the module that is a loss; None: there is none, or several."""
    from torch.nn.modules.loss import _Loss

    from ..exporters.torch.entries import read

    found = []
    for part in module.children():
        try:
            # Every module can be called, so that only those that are known to be losses count.
            if (read(part) or {"kind": "custom"})["kind"] != "custom" or isinstance(part, _Loss):
                found.append(part)
        except ExportError:
            continue
    return found[0] if len(found) == 1 else None


def _optimizers(trainer: Any) -> list[Any]:
    """Return the optimizers of a trainer, without what it puts around them."""
    return [getattr(each, "optimizer", each) for each in getattr(trainer, "optimizers", None) or ()]


def _loop(trainer: Any) -> dict[str, Any]:
    """Return what a trainer does to gradients and rates, in the words of `defib.export`."""
    found: dict[str, Any] = {}
    bound = getattr(trainer, "gradient_clip_val", None)
    if bound:
        by = getattr(trainer, "gradient_clip_algorithm", None)
        kind = "value" if str(getattr(by, "value", by)) == "value" else "norm"
        found["clip"] = {kind: float(bound)}
    every = getattr(trainer, "accumulate_grad_batches", 1)
    if isinstance(every, int) and every > 1:
        found["accumulation"] = every
        updates = getattr(trainer, "global_step", None)
        if isinstance(updates, int) and updates > 0:  # the recorder counts batches
            found["steps"] = updates
    configs = getattr(trainer, "lr_scheduler_configs", None) or ()
    schedulers = [getattr(config, "scheduler", config) for config in configs]
    return found | ({"scheduler": schedulers} if schedulers else {})


def _precision(trainer: Any) -> str | None:
    named = str(getattr(trainer, "precision", ""))
    if named.startswith("bf16"):
        return "bfloat16"
    return "float16" if named.startswith("16") else None
