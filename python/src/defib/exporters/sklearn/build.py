"""Builds the run of a fitted estimator of scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sklearn

from ..._errors import DefibWarning, ExportError
from .. import optimizers
from ..arrays import Array
from ..document import RunDocument
from ..settings import Settings, add_data, add_initial, add_training, in_order
from ..snapshots import add_snapshots
from . import loss
from .graph import arrays, write
from .network import Network
from .proof import prove
from .unwrap import Unwrapped, unwrap


def build(model: Any, x: Any, y: Any, settings: Settings) -> RunDocument:
    """Build the run of an estimator, or of a pipeline that ends in one.

    The run's x is what reaches the estimator, and its y what the estimator fits to. Loss, penalty,
    optimizer, batch size and history are the estimator's own where the settings have none.

    Raises:
        ExportError: the estimator is not fitted, is of a kind that is not known, or y has labels
            that it does not know.
    """
    found = unwrap(model)
    document = RunDocument("scikit-learn", str(sklearn.__version__))
    array = found.inputs(x, "x")
    tensor = document.add_input("x")
    net = write(document, found, tensor, len(array))
    document.outputs = [net.output]
    given = settings.loss
    settings = _completed(net, settings, _own(found, net, y, settings))
    targets = add_data(document, {tensor: array}, _targets(found, net, y, "y"), settings)
    named = found.columns(x)
    if named is not None:
        document.name_columns({tensor: named})
    document.training = dict(net.training)
    add_training(
        document,
        replace(settings, loss=None),
        outputs={},
        targets=targets,
        reader=lambda _: None,
        optimizer=optimizers.by_hand(settings.optimizer),
    )
    for key in ("batch_size", "epochs", "steps", "shuffle"):  # what the caller says counts
        if getattr(settings, key) is not None:
            document.training[key] = getattr(settings, key)
    if targets:
        loss.add(document, found.estimator, net, given, targets[0])
        if net.class_weight is not None:
            loss.weigh(document, found.estimator, net, y, settings)
    if settings.initial is not None:
        add_initial(document, _held(net, settings.initial, "initial"), ())
    add_snapshots(document, settings.snapshots, lambda state: _held(net, state, "a snapshot"))
    if settings.verify:
        prove(document, found.estimator, net.output, given is None)
    for note in net.notes:
        warnings.warn(f"{type(found.estimator).__name__}: {note}", DefibWarning, stacklevel=3)
    return document


def _own(found: Unwrapped, net: Network, y: Any, settings: Settings) -> Any:
    """Transform the validation data as the training data."""
    if settings.validation is None:
        return None
    try:
        vx, vy = settings.validation
    except (TypeError, ValueError):
        raise ExportError("validation is a pair (x, y)") from None
    held = None if y is None else _targets(found, net, vy, "validation y")
    return found.inputs(vx, "validation x"), held


def _targets(found: Unwrapped, net: Network, y: Any, what: str) -> Array | None:
    if y is None:
        return None
    classes = getattr(found.estimator, "classes_", None)
    return loss.encoded(found.outputs(y), net.targets, classes, net.width, what)


def _completed(net: Network, settings: Settings, validation: Any) -> Settings:
    """Take from the estimator what the caller did not say."""
    changes: dict[str, Any] = {"validation": validation}
    if settings.optimizer is None:
        changes["optimizer"] = net.optimizer
    if settings.history is None:
        changes["history"] = net.history
    for key in ("batch_size", "epochs", "steps", "shuffle"):
        value = net.training.pop(key, None)
        if getattr(settings, key) is None:
            changes[key] = value
    return replace(settings, **changes)


def _held(net: Network, held: Any, what: str) -> Mapping[str, Any]:
    if hasattr(held, "get_params"):
        held = arrays(unwrap(held).estimator)
    if isinstance(held, (list, tuple)):
        held = in_order(held, net.parameters, what)
    if not isinstance(held, Mapping):
        raise ExportError(
            f"{what} is {type(held).__name__}; expected a dict or a list of arrays in the "
            f"order {', '.join(net.parameters)}, or a second estimator"
        )
    return held
