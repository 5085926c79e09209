"""A callback for the Trainer of Hugging Face Transformers that records a training.

It is imported only when it is used; `import defib` needs no Transformers.
"""

from __future__ import annotations

import warnings
from typing import Any

from transformers import TrainerCallback

from .._errors import DefibError, DefibWarning, InvalidArgument
from .._run import Run
from .recorder import Path, Recorder
from .torch_wrapped import bare_optimizer, bare_scheduler, criterion_of, half_of, own_forward
from .transformers_loss import loss_of


class TransformersRecorder(TrainerCallback):  # type: ignore[misc, unused-ignore]
    """Records what a `Trainer` does and exports it at the end of the training.

    ```python
    trainer.add_callback(defib.TransformersRecorder("runs/a"))
    trainer.train()
    ```

    Data, optimizer, schedule, clip, accumulation and precision are those of the Trainer. The loss
    of each update is seen as the model gives it, whatever `logging_steps` says.
    """

    def __init__(
        self,
        path: Path,
        x: Any = None,
        y: Any = None,
        *,
        loss: Any = None,
        snapshots: int = 8,
        **settings: Any,
    ) -> None:
        """Take what the trainer cannot tell.

        Args:
            path: The folder to write.
            x: Inputs. None: those of the trainer's own loader.
            y: Targets, likewise.
            loss: A loss `(output, labels)`. None: that of the model's own kind.
            snapshots: The most copies of the weights that are kept from the way.
            **settings: Further arguments of `defib.export`.
        """
        self._path, self._x, self._y = path, x, y
        self._loss, self._settings, self._snapshots = loss, settings, snapshots
        self._recorder: Recorder | None = None
        self._hook: Any = None
        self._seen: list[Any] = []
        self._evaluations: list[float] = []

    @property
    def run(self) -> Run | None:
        """The run, once it is written."""
        return None if self._recorder is None else self._recorder.run

    def on_train_begin(self, args: Any, state: Any, control: Any, **held: Any) -> None:
        """Begin: copy the parameters, and see whether the model can be exported.

        Raises:
            ExportError: it cannot; better now than when it is trained.
            InvalidArgument: its loss is not known, or there is no data.
        """
        if not state.is_world_process_zero:
            return
        self._model, self._seen = held["model"], []
        optimizer = bare_optimizer(held.get("optimizer"))
        with own_forward(self._model):
            self._recorder = Recorder(
                self._path, self._model, optimizer=optimizer, snapshots=self._snapshots
            )
            x = held.get("train_dataloader") if self._x is None else self._x
            if x is None:
                raise InvalidArgument("pass the data: TransformersRecorder(path, x, y)")
            self._recorder.try_out(x, self._y, loss=self._of_model())
        self._hook = self._model.register_forward_hook(self._look)

    def _of_model(self) -> Any:
        return self._loss or criterion_of(self._model) or loss_of(self._model)

    def _look(self, model: Any, _: Any, output: Any) -> None:
        loss = output.get("loss") if isinstance(output, dict) else getattr(output, "loss", None)
        if model.training and loss is not None:
            self._seen.append(loss.detach())

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Note the loss of an update, the mean of its batches."""
        seen, self._seen = self._seen, []
        if self._recorder is not None and seen:
            self._recorder.step(sum(seen[1:], seen[0]) / len(seen))

    def on_evaluate(
        self,
        args: Any,
        state: Any,
        control: Any,
        metrics: Any = None,
        **_: Any,
    ) -> None:
        """Note the loss of an evaluation."""
        if self._recorder is not None and "eval_loss" in (metrics or {}):
            self._evaluations.append(float(metrics["eval_loss"]))

    def on_train_end(self, args: Any, state: Any, control: Any, **held: Any) -> None:
        """Export the run."""
        if self._recorder is None or self._recorder.run is not None:
            return
        self._hook.remove()
        x, y = (held.get("train_dataloader"), None) if self._x is None else (self._x, self._y)
        self._recorder.note_precision(half_of(_precision(args)))
        settings = _loop(args, state) | {
            "loss": self._of_model(),
            "scheduler": bare_scheduler(held.get("lr_scheduler")),
        }
        if held.get("eval_dataloader") is not None:
            settings["validation"] = held["eval_dataloader"]
        if self._evaluations and len(self._evaluations) == round(state.epoch or 0):
            for value in self._evaluations:
                self._recorder.epoch(val_loss=value)
        with own_forward(self._model):
            try:
                self._recorder.finish(x, y, **(settings | self._settings))
            except DefibError as error:
                # The trained model is not lost over a run that cannot be written.
                warnings.warn(f"the run is not written: {error}", DefibWarning, stacklevel=2)


def _precision(args: Any) -> str:
    return (
        "bf16" if getattr(args, "bf16", False) else "fp16" if getattr(args, "fp16", False) else ""
    )


def _loop(args: Any, state: Any) -> dict[str, Any]:
    """Return what the arguments say of the loop, in the words of `defib.export`."""
    found: dict[str, Any] = {"steps": int(state.global_step) or None}
    if args.max_grad_norm:
        found["clip"] = {"norm": float(args.max_grad_norm)}
    if args.gradient_accumulation_steps > 1:
        found["accumulation"] = int(args.gradient_accumulation_steps)
    return found
