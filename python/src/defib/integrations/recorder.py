"""Gathers a run while a script trains, and exports it at the end."""

from __future__ import annotations

import os
import warnings
from types import TracebackType
from typing import Any

from .._errors import DefibError, DefibWarning, ExportError, InvalidArgument
from .._run import Run
from ..exporters.kinds import class_names
from .moments import Moments
from .rates import NAMES, Rates
from .series import Series
from .watch import SequentialWatch, Watch

Path = str | os.PathLike[str]


class Recorder:
    """Records a training: the parameters at its start, its losses, and at its end the run.

    ```python
    recorder = defib.Recorder("runs/a", model, loss=criterion, optimizer=optimizer)
    for epoch in range(epochs):
        for xb, yb in loader:
            ...
            recorder.step(loss)
        recorder.epoch(val_loss=evaluate(model))
    run = recorder.finish(x, y)
    ```

    A step appends a number and looks at the optimizer's learning rate, which becomes a series where
    it changes; the script does not wait for a loss on another device. With `x`
    and `y` given at once it is a context manager too, which exports when the block is left, by an
    exception as well.
    """

    def __init__(
        self,
        path: Path,
        model: Any,
        x: Any = None,
        y: Any = None,
        *,
        loss: Any = None,
        optimizer: Any = None,
        batch_size: int | None = None,
        validation: Any = None,
        shuffle: bool | None = None,
        mode: str = "train",
        scheduler: Any = None,
        clip: Any = None,
        accumulation: int | None = None,
        snapshots: int = 8,
        overwrite: bool = True,
    ) -> None:
        """Begin to record; call it before the first update.

        The arguments are those of `defib.export`. `batch_size` is seen at the first batch when it
        is not given. At most `snapshots` copies of the weights are kept from the way, at updates
        that are about evenly spaced on a logarithmic scale: by them the report tells when a fault
        began. 0 keeps none.

        Raises:
            ExportError: the folder cannot be written, or, where `x` is given, the model cannot be
                exported: better now than after the training.
            InvalidArgument: the model is of a kind that cannot be recorded.
        """
        from ..exporters.writer import check_target

        check_target(path, overwrite=overwrite)
        self.path, self.model = path, model
        #: The run, once it is written.
        self.run: Run | None = None
        self._x, self._y, self._overwrite = x, y, overwrite
        self._settings: dict[str, Any] = {
            "loss": loss, "optimizer": optimizer, "batch_size": batch_size,
            "validation": validation, "shuffle": shuffle, "mode": mode, "scheduler": scheduler,
            "clip": clip, "accumulation": accumulation,
        }  # fmt: skip
        self._series: dict[str, Series] = {}
        self._steps = self._epochs = 0
        self._part: str | None = None
        self._rates = Rates(optimizer)
        self._watch = _watched(model)
        try:
            self._moments = Moments(snapshots, self._watch.state)
        except InvalidArgument:
            self._watch.close()
            raise
        if x is not None and self._watch.initial is not None:
            try:
                self._document()
            except DefibError:
                self._watch.close()
                raise

    def step(self, loss: Any, **metrics: Any) -> None:
        """Note the loss of one update, and metrics of it.

        Raises:
            InvalidArgument: one of them is not a single number.
        """
        self._note("loss", "step", loss)
        for name, value in metrics.items():
            self._note(name, "step", value)
        self._rates.note()
        self._steps += 1
        self._moments.reach(self._steps)

    def epoch(self, **metrics: Any) -> None:
        """Note the end of an epoch, and metrics of it such as `loss` and `val_loss`.

        Raises:
            InvalidArgument: one of them is not a single number.
        """
        for name, value in metrics.items():
            self._note(name, "epoch", value)
        self._epochs += 1
        if not self._steps:
            self._moments.reach(self._epochs)

    def _note(self, name: str, per: str, value: Any) -> None:
        known = self._series.get(name)
        if known is not None and known.per != per:
            name = f"{per}_{name}"
            known = self._series.get(name)
        if known is None:
            known = self._series[name] = Series(name, per)
        known.append(value)

    def finish(self, x: Any = None, y: Any = None, **settings: Any) -> Run:
        """Export the run. `settings` are those of `defib.export`, and come before the recorder's.

        Raises:
            ExportError: the model, the data or the settings cannot be expressed as a run.
            InvalidArgument: there is no data, or the run has been written already.
        """
        from ..exporters.writer import write

        if self.run is not None:
            raise InvalidArgument(f"the run has been written to {self.run.path} already")
        self._x = self._x if x is None else x
        self._y = self._y if y is None else y
        if self._x is None:
            raise InvalidArgument("pass the data: finish(x, y)")
        self._watch.close()
        if self._watch.initial is None:
            warnings.warn(
                "the parameters from before the training are unknown: they had no values when the "
                "Recorder was made, and no batch has gone through the model in training",
                DefibWarning,
                stacklevel=2,
            )
        self.run = write(self._document(**settings), self.path, overwrite=self._overwrite)
        return self.run

    def rescue(self, error: BaseException, x: Any = None, y: Any = None, **settings: Any) -> None:
        """Export what there is after an exception; a failure to do so is only a warning."""
        try:
            self.finish(x, y, **settings)
        except DefibError as failure:
            warnings.warn(
                f"the run could not be written after {type(error).__name__}: {failure}",
                DefibWarning,
                stacklevel=2,
            )

    def watch_rate(self, optimizer: Any) -> None:
        """Note the learning rate of this optimizer from now on."""
        self._rates.watch(optimizer)

    def note_precision(self, precision: str | None) -> None:
        """Note that the training computes in "float16" or "bfloat16"; None: nothing is known."""
        if precision is not None:
            self._watch.precision = precision

    def try_out(self, x: Any, y: Any = None, *, loss: Any = None) -> None:
        """See on a few rows whether the model can be exported, without a trace of it.

        Raises:
            ExportError: it cannot; better now than when it is trained.
        """
        from ..exporters import Settings, build
        from ..exporters.first_rows import first_rows

        held = first_rows(x, y, self.model)
        if held is not None:
            build(self.model, held.x, held.y, Settings(loss=loss, mode=self._settings["mode"]))

    def narrow(self, name: str) -> None:
        """Go on with a part of the model, the attribute of this name, as if it were the whole."""
        self.model, self._part = getattr(self.model, name), f"{name}."

    def _of_part(self, state: Any) -> Any:
        """Return what a state says of the part, under the names that it has there."""
        if self._part is None or state is None:
            return state
        held = {k: v for k, v in state.items() if k.startswith(self._part)}
        return {k.removeprefix(self._part): v for k, v in held.items()}

    def _read(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Read data that are no arrays yet, once; return what loaders tell beside them."""
        from ..exporters import taken

        names = ("batch_size", "shuffle", "validation")
        given = {name: settings.get(name, self._settings[name]) for name in names}
        if "columns" in self._settings:
            given["columns"] = self._settings["columns"]
        self._x, self._y, told = taken(self.model, self._x, self._y, given)
        self._settings |= {name: told[name] for name in (*names, "columns") if name in told}
        return {name: value for name, value in settings.items() if name not in names}

    def _document(self, **settings: Any) -> Any:
        from ..exporters import Settings, build
        from ..exporters.slips import of_names
        from ..exporters.snapshots import PerEpoch

        settings = self._read(settings)
        held = dict(self._settings)
        held["batch_size"] = held["batch_size"] or self._watch.batch_size
        held["epochs"], held["steps"] = self._epochs or None, self._steps or None
        held["initial"] = self._of_part(self._watch.initial)
        states = {at: self._of_part(state) for at, state in self._moments.states.items()}
        held["snapshots"] = (states if self._steps else PerEpoch(states)) or None
        history: dict[str, Any] = {
            name: {"per": series.per, "values": series.values()}
            for name, series in self._series.items()
        }
        rates = None if set(NAMES) & set(history) else self._rates.series()
        if rates is not None:
            history["learning_rate"] = {"per": "step", "values": rates}
        held["history"] = history or None
        strangers = sorted(settings.keys() - set(Settings.names()))
        if strangers:
            near = of_names(strangers, Settings.names())
            raise ExportError(f"{strangers} are not settings; {Settings.names()} are{near}")
        document = build(self.model, self._x, self._y, Settings(**(held | settings)))
        if self._watch.precision is not None:
            document.training["precision"] = self._watch.precision
        return document

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Export if that has not happened; an exception of the script is the one that is raised."""
        try:
            if self.run is not None:
                return
            if error is None:
                self.finish()
            elif self._x is not None:
                self.rescue(error)
        finally:
            self._watch.close()


def _watched(model: Any) -> Watch:
    """Begin to watch a model.

    Raises:
        InvalidArgument: it is not a model that a `Recorder` knows.
    """
    kinds = class_names(model)
    if "torch.nn.modules.module.Module" in kinds:
        from .torch_watch import TorchWatch

        return TorchWatch(model)
    if "defib.sequential.model.Sequential" in kinds:
        return SequentialWatch(model)
    raise InvalidArgument(
        f"model is {type(model).__name__}; expected a torch.nn.Module or a defib.Sequential"
    )
