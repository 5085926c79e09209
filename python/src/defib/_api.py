"""The functions of the package."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from ctypes import byref
from dataclasses import replace
from numbers import Real
from typing import Any

from . import _engine
from ._errors import InvalidArgument
from ._executor import pooled
from ._lazy import checked, stand_ins
from ._names import Names
from ._native import Options
from ._opening import opened
from ._progress import Callback, Monitor
from ._report import Report
from ._results import Replay, Rule, Vitals, total
from ._run import Run

Path = str | os.PathLike[str]


def export(
    path: Path,
    model: Any,
    x: Any,
    y: Any = None,
    *,
    loss: Any = None,
    optimizer: Any = None,
    batch_size: int | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    history: Any = None,
    initial: Any = None,
    validation: Any = None,
    mode: str = "train",
    shuffle: bool | None = None,
    trainable: Sequence[str] | None = None,
    verify: bool = True,
    scheduler: Any = None,
    clip: Any = None,
    accumulation: int | None = None,
    snapshots: Any = None,
    overwrite: bool = True,
) -> Run:
    """Write a model, its data and its training settings to the folder `path`.

    The folder appears whole or not at all. An existing run there is replaced; any other folder
    with something in it is left alone.

    Args:
        path: The folder to write.
        model: A `torch.nn.Module`, a Keras model, a fitted estimator of scikit-learn or a pipeline
            that ends in one, an ONNX model (an `onnx.ModelProto`, the path of a .onnx file, or the
            bytes of one), or a `defib.Sequential`.
        x: Inputs, one row per sample: an array, or for several inputs a list in the order of
            `forward`'s arguments or a dict by their names. Arrays, memory-mapped arrays, tensors,
            tables of pandas and polars, whose columns keep their names, and arrays of dask,
            which become folders with one file per block.
            Or what gives inputs and targets together, and is read once: a DataLoader or Dataset of
            PyTorch, a tf.data.Dataset, a generator of batches. Its batch size and whether it
            shuffles count where `batch_size` and `shuffle` are None.
        y: Targets, one row per sample, likewise.
        loss: The framework's loss object or function, a name such as "mse", or a dict such as
            `{"kind": "mse", "reduction": "sum"}`. For several outputs a list in their order, None
            standing for an output without a loss, or a dict by their names. None: what a compiled
            Keras model or an estimator minimises.
        optimizer: The framework's optimizer, or a dict such as
            `{"kind": "adam", "learning_rate": 1e-3}`. None: that of a compiled Keras model or of
            the estimator, or that of the scheduler.
        batch_size: Samples in a batch; None: all of them.
        epochs: Passes over the data that the training took.
        steps: Updates that the training took. None: where `batch_size` is given and epochs and
            history are not, those that an optimizer of PyTorch has counted.
        history: The training loss per epoch or step: a list, a dict of such series by name, what
            `fit` of Keras returned, or the log of a logger: the path of a `trainer_state.json`, of
            an event file of TensorBoard or its folder, or of a .csv; or the `state` of a Trainer.
        initial: The parameters before the training: a copied state dict, a list of arrays in the
            order of the parameters, or a second model.
        validation: A pair (x, y) of validation data.
        mode: "train" or "eval": how the replay treats dropout and its like.
        shuffle: Whether the training shuffled the data.
        trainable: For an ONNX model, the initializers that the training changes; None: those that
            are used as weights are.
        verify: Prove the export: a few rows go through the framework's own forward pass, loss and
            backward pass and through the replay, and must agree as far as float32 can. False: go
            on without.
        scheduler: How the learning rate changed: a scheduler of PyTorch, or several in a list, of
            which copies are played again; a LearningRateSchedule of Keras; the rates in a list, one
            per update or per epoch; or a dict such as
            `{"updates": [0, 30], "rates": [0.1, 0.01], "interpolation": "constant"}`. None: what a
            compiled Keras model or an estimator does.
        clip: What gradients are cut to: a number, the largest norm of all of them together, or
            `{"norm": 1.0}`, `{"parameter_norm": 1.0}` or `{"value": 0.5}`.
        accumulation: Batches whose gradients are averaged into one update; `steps` counts updates.
        snapshots: The parameters along the training, from which the report tells when a fault
            began: a dict from the number of updates to what `initial` takes, or a list of such
            states, evenly spaced up to the end of the training. Of more than 64, 64 are taken.
        overwrite: False: an existing run is an error too.

    Returns:
        The run, which `check`, `replay` and `vitals` accept.

    Raises:
        ExportError: something cannot be expressed; the message lists everything that cannot.
        UnfaithfulExport: the export was proved wrong; the message names where it parts.
    """
    from .exporters import Settings, build, taken
    from .exporters.tables import Columns
    from .exporters.writer import write

    given = {"batch_size": batch_size, "shuffle": shuffle, "validation": validation}
    x, y, given = taken(model, x, y, given)
    settings = Settings(
        loss, optimizer, given["batch_size"], epochs, steps, history, initial,
        stand_ins(given["validation"], "validation"), mode, given["shuffle"], trainable, verify,
        scheduler=scheduler, clip=clip, accumulation=accumulation,
        snapshots=snapshots, columns=given.get("columns", Columns()),
    )  # fmt: skip
    document = build(model, stand_ins(x, "x"), stand_ins(y, "y"), settings)
    checked(document.arrays)
    return write(document, path, overwrite=overwrite)


def check(
    run: Any,
    x: Any = None,
    y: Any = None,
    *,
    workers: int = 0,
    executor: Any = None,
    memory: int | None = None,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    set: Mapping[str, float] | None = None,  # noqa: A002
    cure: bool = False,
    effort: float = 1,
    progress: bool | Callback | None = None,
    **training: Any,
) -> Report:
    """Find out what is wrong with a run, and why.

    Args:
        run: A run: its folder, or what `export` returned. Or a model; then `x`, `y` and the
            keyword arguments of `export` describe the training, and nothing is copied or written.
        x: Inputs, for a model. Arrays of dask are never held as a whole.
        y: Targets, for a model, likewise.
        workers: Threads; 0: one per core. The report does not depend on it.
        executor: Does the passes over the data: an executor like those of `concurrent.futures`, or
            a `dask.distributed.Client`. Workers must see the run's folder at the same path, and
            have this release of Defib. What it loses runs in this process. The report does not
            depend on it.
        memory: The most bytes that the check may take; None: three quarters of what the process
            may have. What asks for more is an EngineError that names it.
        select: Ids of the only rules to apply; None: all.
        ignore: Ids of rules to leave out.
        set: Thresholds by "rule.option", such as `{"dead-units.warn-share": 0.2}`.
        cure: Whether to look for the smallest change that revives the run, too (`report.cure`):
            its training is tried with changes, which takes about as long as all the rest.
        effort: How much trials of the training may compute, as a factor of the usual, from 0.01 to
            10 000. The report depends on it.
        progress: True for a bar on the terminal or in a notebook, or a callable (stage, done,
            total).
        **training: `loss`, `optimizer`, `batch_size`, … as for `export`.

    Raises:
        ExportError: the model cannot be expressed as a run.
        InvalidRun: the run, a file or an array is missing or damaged.
        CannotReplay: an operator, a loss or a shape does not fit.
        EngineError: a worker of the executor cannot import this package.
    """
    settings: dict[str, Any] = {}
    if select is not None:
        settings["select"] = _names("select", select)
    if ignore is not None:
        settings["ignore"] = _names("ignore", ignore)
    if set is not None:
        settings["set"] = dict(set)
    if cure:
        settings["cure"] = True
    if effort != 1:
        settings["effort"] = _number("effort", effort)
    began = time.perf_counter()
    with opened(run, x, y, training) as held:
        opening = time.perf_counter() - began
        monitor = Monitor(progress)
        chosen = _options(monitor, workers, False, settings, memory)
        with pooled(executor, held.shared, monitor, workers) as chosen.executor:
            content, text, weights = _engine.interruptible(
                monitor, lambda: _engine.check(held.handle, chosen)
            )
    monitor.turn()
    name = os.path.basename(os.path.abspath(run)) if isinstance(run, str | os.PathLike) else ""
    report = Report.from_dict(content, text, weights, name)
    return replace(report, seconds={"export": opening, **monitor.seconds})


def replay(
    run: Any,
    x: Any = None,
    y: Any = None,
    *,
    workers: int = 0,
    memory: int | None = None,
    initial: Any = False,
    progress: bool | Callback | None = None,
    **training: Any,
) -> Replay:
    """Replay a run, or a model as `check` does: outputs, losses, gradients; nothing is judged.

    `initial=True` replays the parameters from before the training that the run holds; with a model,
    `initial` is those parameters themselves. Raises what `check` raises.
    """
    use_initial = _initial(initial, training)
    with opened(run, x, y, training) as held:
        monitor = Monitor(progress)
        chosen = _options(monitor, workers, use_initial, memory=memory)
        outputs, gradients, losses = _engine.interruptible(
            monitor, lambda: _engine.replay(held.handle, chosen)
        )
        entries = held.losses()
    names = Names()
    single = {names.unique(name): value for name, value in losses}
    return Replay(outputs, gradients, single, total(entries, losses))


def vitals(
    run: Any,
    x: Any = None,
    y: Any = None,
    *,
    workers: int = 0,
    executor: Any = None,
    memory: int | None = None,
    initial: Any = False,
    progress: bool | Callback | None = None,
    **training: Any,
) -> Vitals:
    """Measure one replay of a run, or of a model as `check` does.

    `initial` is the same as for `replay`, `executor` as for `check`. Raises what `check` raises.
    """
    use_initial = _initial(initial, training)
    with opened(run, x, y, training) as held:
        monitor = Monitor(progress)
        chosen = _options(monitor, workers, use_initial, memory=memory)
        with pooled(executor, held.shared, monitor, workers) as chosen.executor:
            content = _engine.interruptible(
                monitor, lambda: _engine.text("defib_vitals", held.handle, byref(chosen))
            )
    return Vitals(content)


def rules() -> tuple[Rule, ...]:
    """Return the catalogue: every rule with its texts and thresholds."""
    content = _engine.parsed("defib_catalogue")
    return tuple(Rule.from_dict(entry) for entry in content.get("rules", ()))


def _initial(initial: Any, training: dict[str, Any]) -> bool:
    if isinstance(initial, bool):
        return initial
    if initial is None:
        return False
    training["initial"] = initial
    return True


def _options(
    monitor: Monitor,
    workers: int,
    initial: bool,
    settings: Mapping[str, Any] | None = None,
    memory: int | None = None,
) -> Options:
    if isinstance(workers, bool) or not isinstance(workers, int) or not 0 <= workers < 1 << 16:
        raise InvalidArgument(
            f"workers is {workers!r}; expected a whole number, 0 for one per core"
        )
    whole = isinstance(memory, int) and not isinstance(memory, bool)
    if memory is not None and not (whole and 0 < memory < 1 << 63):
        raise InvalidArgument(f"memory is {memory!r}; expected a whole number of bytes")
    return _engine.options(
        monitor, workers=workers, initial=initial, settings=settings, memory=memory
    )


def _number(what: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidArgument(f"{what} is {value!r}; expected a number")
    return float(value)


def _names(what: str, names: Sequence[str]) -> list[str]:
    if isinstance(names, str):
        raise InvalidArgument(f"{what} is a string; expected a list of rule ids: [{names!r}]")
    return [str(name) for name in names]
