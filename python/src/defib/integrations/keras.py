"""A callback for model.fit() of Keras."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any

import keras

from .._api import export
from .._errors import DefibWarning, InvalidArgument
from .._run import Run
from ..exporters import Settings, build, taken
from ..exporters.arrays import as_array
from ..exporters.keras.training import batch_of, updates_in
from ..exporters.reading import is_source
from .keras_fit import arguments_of_fit
from .moments import Moments
from .rates import NAMES


class KerasRecorder(keras.callbacks.Callback):  # type: ignore[misc, unused-ignore]
    """Keeps the weights from before the training and the losses, and exports at the end.

        model.fit(x, y, callbacks=[defib.KerasRecorder("runs/a")])

    The data, the validation data and the size of a batch are those of fit(). A step costs next to
    nothing, an epoch a few floats. Whether the model can be exported shows before the training
    begins. Several calls of fit() with one recorder are one training.

    Args:
        path: The folder to write; a run that is there is replaced.
        x: The inputs, as for `defib.export`; None: those that fit() gets.
        y: The targets, likewise.
        batch_size: None: that of fit().
        snapshots: The most copies of the weights that are kept from the way, at updates that are
            about evenly spaced on a logarithmic scale; 0 keeps none.
        **settings: What else `defib.export` takes: `validation`, `loss`, `optimizer`, `mode`, …
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        x: Any = None,
        y: Any = None,
        *,
        batch_size: int | None = None,
        snapshots: int = 8,
        **settings: Any,
    ) -> None:
        super().__init__()
        self.path, self.x, self.y = path, x, y
        self.batch_size, self.settings = batch_size, settings
        self._fit: Mapping[str, Any] = {}
        #: the run, once it is written
        self.run: Run | None = None
        self._initial: list[Any] | None = None
        self._history: dict[str, list[float]] = {}
        self._epochs = 0
        self._steps = self._updates = 0
        self._moments = Moments(snapshots, self._state)

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        """Copy the weights, and find out whether the model can be exported.

        Raises:
            ExportError: it cannot; better now than when it is trained.
            InvalidArgument: there is no data, neither here nor in fit().
        """
        self._look_at_fit()
        if self._initial is None and self.model.built:
            self._initial = [weights.copy() for weights in self.model.get_weights()]
        if self.model.built:
            settings = {k: v for k, v in self.settings.items() if k != "overwrite"}
            x, y, settings = taken(self.model, self.x, self.y, self._of_fit() | settings)
            build(self.model, x, y, Settings(**settings))

    def _look_at_fit(self) -> None:
        self._fit = arguments_of_fit(self.model)
        if self.x is None:
            self.x, self.y = self._fit.get("x"), self._fit.get("y")
        if self.x is None:
            raise InvalidArgument("pass the data: KerasRecorder(path, x, y)")
        weighted = [n for n in ("class_weight", "sample_weight") if self._fit.get(n) is not None]
        if weighted and "loss" not in self.settings:
            warnings.warn(
                f"{' and '.join(weighted)} of fit() {'is' if len(weighted) == 1 else 'are'} not "
                'part of the run; pass loss={"kind": …, "sample_weight": …}, one weight per row',
                DefibWarning,
                stacklevel=2,
            )

    def _of_fit(self) -> dict[str, Any]:
        """Return what fit() tells beside the data, in the words of `defib.export`."""
        found: dict[str, Any] = {}
        validation = self._fit.get("validation_data")
        if isinstance(validation, (tuple, list)) and len(validation) == 3:
            validation = validation[:2]  # without the weights of its rows
        if validation is not None:
            found["validation"] = validation
        if not is_source(self.x) and isinstance(self._fit.get("shuffle"), bool):
            found["shuffle"] = self._fit["shuffle"]
        return found

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Copy the weights, if that moment is kept."""
        self._updates += 1
        self._moments.reach(self._updates)

    def _state(self, spare: Any = None) -> list[Any]:
        # On JAX the model has its weights of now only after this.
        getattr(self.model, "jax_state_sync", lambda: None)()
        held = self.model.get_weights()
        if spare is None:
            return [weights.copy() for weights in held]
        for kept, weights in zip(spare, held, strict=True):
            kept[...] = weights
        return list(spare)

    def _kept(self) -> dict[int, Any]:
        """Return the copies by the updates before them, of which several batches may make one."""
        accumulation = self.settings.get("accumulation")
        found = {
            updates_in(batches, self.model, accumulation): state
            for batches, state in self._moments.states.items()
        }
        return {update: found[update] for update in sorted(key for key in found if key)}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Note the loss and the metrics of the epoch."""
        self._epochs += 1
        self._steps += int(self.params.get("steps") or 0)
        noted = {name: float(value) for name, value in (logs or {}).items()}
        if not set(NAMES) & set(noted):
            noted["learning_rate"] = float(as_array(self.model.optimizer.learning_rate, "the rate"))
        for name, value in noted.items():
            self._history.setdefault(name, []).append(value)

    def on_train_end(self, logs: Any = None) -> None:  # noqa: ARG002
        """Write the run."""
        settings = self._of_fit() | {
            "epochs": self._epochs or None,
            "steps": updates_in(self._steps, self.model, self.settings.get("accumulation")),
            "history": self._changing() or None,
            "initial": self._initial,
            "snapshots": self._kept() or None,
            "batch_size": self._size(),
        }
        self.run = export(self.path, self.model, self.x, self.y, **(settings | self.settings))

    def _size(self) -> int | None:
        size = self.batch_size or self._fit.get("batch_size")
        if size is not None or is_source(self.x):  # which says it itself
            return size
        rows = len(next(iter(self.x.values())) if isinstance(self.x, dict) else self._first())
        return batch_of(rows, self.params.get("steps"))

    def _changing(self) -> dict[str, list[float]]:
        """Return the series, without a learning rate that stayed the same."""
        return {
            name: values
            for name, values in self._history.items()
            if name not in NAMES or len(set(values)) > 1
        }

    def _first(self) -> Any:
        several = isinstance(self.x, (list, tuple)) and hasattr(self.x[0], "shape")
        return as_array(self.x[0] if several else self.x, "x")
