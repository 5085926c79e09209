"""A callback for Lightning that records a training.

It is imported only when it is used; `import defib` needs no Lightning.
"""

from __future__ import annotations

import importlib
from typing import Any

from .._errors import InvalidArgument
from .._run import Run
from .recorder import Path, Recorder
from .torch_wrapped import bare_optimizer, criterion_of, half_of
from .training_step import Called, StepLoss


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
            x: Inputs, or a loader of inputs and targets. None: the trainer's own loader.
            y: Targets.
            model: The module to export. None: what `training_step` calls: the LightningModule
                itself, or a part of it.
            loss: The loss. None: the only criterion among the module's attributes, or else what
                `training_step` computes.
            snapshots: The most copies of the weights that are kept from the way.
            **settings: Further arguments of `defib.export`.
        """
        super().__init__()
        self._path, self._x, self._y = path, x, y
        self._model, self._loss, self._settings = model, loss, settings
        self._snapshots = snapshots
        self._recorder: Recorder | None = None
        self._called: Called | None = None

    @property
    def run(self) -> Run | None:
        """The run, once it is written."""
        return None if self._recorder is None else self._recorder.run

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Begin: copy the parameters."""
        if getattr(trainer, "global_rank", 0) == 0:
            model = pl_module if self._model is None else self._model
            self._recorder = Recorder(self._path, model, snapshots=self._snapshots)
            if self._model is None:
                self._called = Called(pl_module)

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Note the loss of a step; after the first one, see whether the model can be exported.

        Raises:
            ExportError: it cannot; better now than when it is trained.
            InvalidArgument: there is no data.
        """
        if self._called is not None and self._called.watching:
            self._called.close()  # the first step has shown it
            if self._recorder is not None:
                x, y, settings = self._gathered(trainer, pl_module)
                self._recorder.try_out(x, y, loss=settings["loss"])
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
        assert self._recorder is not None
        x, y = self._data(trainer)
        model = self._narrowed(pl_module)
        loss = self._loss or criterion_of(pl_module) or StepLoss(pl_module, model)
        settings = _loop(trainer) | _validation(trainer) | {"loss": loss} | self._settings
        optimizers = _optimizers(trainer)
        if "optimizer" not in settings and len(optimizers) == 1:
            settings["optimizer"] = optimizers[0]
        self._recorder.note_precision(half_of(getattr(trainer, "precision", "")))
        return x, y, settings

    def _narrowed(self, pl_module: Any) -> Any:
        """Return the module that the run is of, which a part of the LightningModule may be."""
        assert self._recorder is not None
        if self._called is None:
            return self._model
        self._called.close()
        names = set(self._called.names)
        name = names.pop() if len(names) == 1 else ""
        if name and self._recorder.model is pl_module:
            self._recorder.narrow(name)
        return getattr(pl_module, name) if name else pl_module

    def _data(self, trainer: Any) -> tuple[Any, Any]:
        if self._x is not None:
            return self._x, self._y
        loader = getattr(trainer, "train_dataloader", None)
        if loader is None or isinstance(loader, (dict, list, tuple)):
            raise InvalidArgument(
                "the trainer has no training data in one loader; pass the arrays: "
                "LightningRecorder(path, x, y)"
            )
        return loader, None


def _validation(trainer: Any) -> dict[str, Any]:
    """Return the only loader of validation data of a trainer."""
    held = getattr(trainer, "val_dataloaders", None)
    if isinstance(held, (list, tuple)) and len(held) == 1:
        held = held[0]
    return {} if held is None or isinstance(held, (dict, list, tuple)) else {"validation": held}


def _optimizers(trainer: Any) -> list[Any]:
    """Return the optimizers of a trainer, without what it puts around them."""
    return [bare_optimizer(each) for each in getattr(trainer, "optimizers", None) or ()]


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
