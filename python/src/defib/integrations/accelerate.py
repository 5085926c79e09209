"""A recorder for loops with an `Accelerator` of Hugging Face Accelerate."""

from __future__ import annotations

from typing import Any

from .._run import Run
from .recorder import Path, Recorder
from .torch_wrapped import bare_optimizer, bare_scheduler, half_of, own_forward


class AccelerateRecorder:
    """A `defib.Recorder` for what `accelerator.prepare` has made.

    ```python
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    recorder = defib.AccelerateRecorder("runs/a", accelerator, model, optimizer=optimizer)
    for epoch in range(epochs):
        for xb, yb in loader:
            with accelerator.accumulate(model):
                ...
                recorder.step(loss)
    recorder.finish(loader, loss=criterion)
    ```

    Precision, accumulation and the number of updates are those of the accelerator. Only the main
    process records and writes; in the others, calls do nothing.
    """

    def __init__(
        self,
        path: Path,
        accelerator: Any,
        model: Any,
        x: Any = None,
        y: Any = None,
        *,
        optimizer: Any = None,
        scheduler: Any = None,
        **settings: Any,
    ) -> None:
        """Begin to record; call it after `prepare`, and before the first update.

        The other arguments, and what is raised, are those of `defib.Recorder`.
        """
        self._accelerator = accelerator
        self._updates = 0
        self._recorder: Recorder | None = None
        if not getattr(accelerator, "is_main_process", True):
            return
        every = getattr(accelerator, "gradient_accumulation_steps", 1)
        if every > 1:
            settings.setdefault("accumulation", int(every))
        self._model = accelerator.unwrap_model(model, keep_fp32_wrapper=True)
        with own_forward(self._model):
            self._recorder = Recorder(
                path, self._model, x, y, optimizer=bare_optimizer(optimizer),
                scheduler=bare_scheduler(scheduler), **settings,
            )  # fmt: skip

    @property
    def run(self) -> Run | None:
        """The run, once it is written."""
        return None if self._recorder is None else self._recorder.run

    def step(self, loss: Any, **metrics: Any) -> None:
        """Note the loss of one batch, and metrics of it."""
        if self._recorder is not None:
            self._updates += bool(getattr(self._accelerator, "sync_gradients", True))
            self._recorder.step(loss, **metrics)

    def epoch(self, **metrics: Any) -> None:
        """Note the end of an epoch, and metrics of it."""
        if self._recorder is not None:
            self._recorder.epoch(**metrics)

    def finish(self, x: Any = None, y: Any = None, **settings: Any) -> Run | None:
        """Export the run in the main process, as `defib.Recorder.finish`; None in the others."""
        if self._recorder is None:
            return None
        self._recorder.note_precision(half_of(getattr(self._accelerator, "mixed_precision", None)))
        if "optimizer" in settings:
            settings["optimizer"] = bare_optimizer(settings["optimizer"])
        if "scheduler" in settings:
            settings["scheduler"] = bare_scheduler(settings["scheduler"])
        if self._updates:
            settings.setdefault("steps", self._updates)
        with own_forward(self._model):
            return self._recorder.finish(x, y, **settings)
