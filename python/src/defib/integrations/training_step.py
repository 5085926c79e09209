"""The loss that a LightningModule computes in its `training_step`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from .._errors import ExportError
from ..exporters.kinds import class_names

#: The class of all metrics of torchmetrics.
_METRIC = "torchmetrics.metric.Metric"


class StepLoss:
    """A loss `(output, target)`: the module's own training_step, with an output that is given.

    It is traced like any loss that a script wrote.
    """

    def __init__(self, module: Any, model: Any) -> None:
        self._module, self._model = module, model

    def __call__(self, output: Any, target: Any) -> Any:
        """Return the loss of a batch.

        Raises:
            ExportError: the step does not call the model once, or returns no loss.
        """
        module, calls = self._module, 0

        def forward(*_: Any, **__: Any) -> Any:
            nonlocal calls
            calls += 1
            return output

        with _instead(self._model, "forward", forward), _silent(module):
            found = module.training_step((output, target), 0)
        loss = found.get("loss") if isinstance(found, dict) else found
        if calls != 1 or loss is None:
            what = "returns no loss" if calls == 1 else f"calls the model {calls} times"
            raise ExportError(
                f"training_step of {type(module).__name__} {what}; pass the loss: "
                "LightningRecorder(path, loss=criterion)"
            )
        return loss


class Called:
    """Finds out which module a training_step calls: the LightningModule, or a part of it."""

    def __init__(self, module: Any) -> None:
        self._depth = 0
        #: the names of the modules that were called from the step itself; "" is the module
        self.names: list[str] = []
        # Parts without parameters are losses, metrics and activations.
        held = [("", module), *module.named_children()]
        parts = [(n, part) for n, part in held if not n or any(True for _ in part.parameters())]
        self._hooks = [self._watch(module, name, part) for name, part in parts]

    def _watch(self, module: Any, name: str, part: Any) -> Callable[[], None]:
        def enter(*_: Any) -> None:
            # In evaluation it is validation_step that calls.
            if self._depth == 0 and module.training:
                self.names.append(name)
            self._depth += 1

        def leave(*_: Any) -> None:
            self._depth -= 1

        before = part.register_forward_pre_hook(enter)
        after = part.register_forward_hook(leave, always_call=True)

        def remove() -> None:
            before.remove()
            after.remove()

        return remove

    @property
    def watching(self) -> bool:
        """Whether it was not stopped yet."""
        return bool(self._hooks)

    def close(self) -> None:
        """Stop watching."""
        for remove in self._hooks:
            remove()
        self._hooks = []


@contextmanager
def _instead(thing: Any, name: str, value: Any) -> Iterator[None]:
    """Give a module another attribute while the block runs."""
    held = thing.__dict__.get(name)
    thing.__dict__[name] = value
    try:
        yield
    finally:
        if held is None:
            with suppress(KeyError):
                del thing.__dict__[name]
        else:
            thing.__dict__[name] = held


@contextmanager
def _silent(module: Any) -> Iterator[None]:
    """Keep a module from logging, and its metrics from counting, what is no real step."""
    metrics = [part for part in module.modules() if _METRIC in class_names(part)]
    with ExitStack() as stack:
        for name in ("log", "log_dict"):
            stack.enter_context(_instead(module, name, _nothing))
        for metric in metrics:
            for name in ("forward", "update"):
                stack.enter_context(_instead(metric, name, _nothing))
        yield


def _nothing(*_: Any, **__: Any) -> None:
    return None
