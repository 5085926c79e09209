"""Builds the run of a fitted estimator of scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import sklearn
from sklearn.utils.class_weight import compute_class_weight

from ..._errors import DefibWarning, ExportError
from ..arrays import Array
from ..document import RunDocument
from ..losses import normalised
from ..settings import Settings, add_data, add_initial, add_training, in_order
from . import linear, mlp
from .network import Network, encoded
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
    net = _written(document, found, tensor, len(array))
    document.outputs = [net.output]
    loss = settings.loss
    settings = _completed(net, settings, _own(found, net, y, settings))
    targets = add_data(document, {tensor: array}, _targets(found, net, y, "y"), settings)
    document.training = dict(net.training)
    optimizer = settings.optimizer
    if optimizer is not None and not isinstance(optimizer, (str, Mapping)):
        raise ExportError(
            f'optimizer is {type(optimizer).__name__}; expected a dict such as {{"kind": "sgd", '
            '"learning_rate": 0.1}'
        )
    add_training(
        document,
        replace(settings, loss=None),
        outputs={},
        targets=targets,
        reader=lambda _: None,
        optimizer=optimizer,
    )
    for key in ("batch_size", "epochs", "steps", "shuffle"):  # what the caller says counts
        if getattr(settings, key) is not None:
            document.training[key] = getattr(settings, key)
    if targets:
        _add_loss(document, found.estimator, net, loss, targets[0])
        if net.class_weight is not None:
            _weigh(document, found.estimator, net, y, settings)
    if settings.initial is not None:
        _add_initial(document, net, settings.initial)
    if settings.verify:
        prove(document, found.estimator, net.output, loss is None)
    for note in net.notes:
        warnings.warn(f"{type(found.estimator).__name__}: {note}", DefibWarning, stacklevel=3)
    return document


def _written(document: RunDocument, found: Unwrapped, x: str, rows: int) -> Network:
    estimator = found.estimator
    names = {kind.__name__ for kind in type(estimator).__mro__}
    if names & {"MLPClassifier", "MLPRegressor"}:
        return mlp.mlp(document, estimator, x, found.prefix, rows)
    if linear.kind_of(estimator):
        return linear.linear(document, estimator, x, found.prefix, rows)
    raise ExportError(
        f"{type(estimator).__name__} cannot be exported; known are MLPClassifier, MLPRegressor, "
        f"{', '.join(linear.known())}, and pipelines and searches over them"
    )


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
    return encoded(found.outputs(y), net.targets, classes, net.width, what)


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


def _add_loss(document: RunDocument, estimator: Any, net: Network, given: Any, target: str) -> None:
    if given is not None:
        entry = normalised(given, lambda _: None)
    elif net.loss is None:
        raise ExportError(
            f"{type(estimator).__name__} has the loss {estimator.loss!r}, which has no kind in a "
            'run; pass the nearest one, as in loss="hinge"'
        )
    else:
        entry = dict(net.loss)
    document.losses = [entry | {"prediction": net.prediction, "target": target}]


def _weigh(document: RunDocument, estimator: Any, net: Network, y: Any, settings: Settings) -> None:
    """Give each sample the weight of its class."""
    classes = estimator.classes_
    weights = compute_class_weight(net.class_weight, classes=classes, y=np.ravel(y))
    index = encoded(y, "indices", classes, net.width, "y")
    document.add_data("sample_weight", weights[index])
    if settings.validation is not None and document.validation:
        held = document.arrays[document.validation["y"]]
        order = held if net.targets == "indices" else _index(held)
        document.add_validation("sample_weight", weights[order])
    document.losses[0]["sample_weight"] = "sample_weight"


def _index(flags: Array) -> Array:
    """Return the classes behind one column, or behind one column a class."""
    if flags.shape[1] == 1:
        return np.asarray(flags[:, 0] > 0, np.int64)
    return np.asarray(flags.argmax(axis=1))


def _add_initial(document: RunDocument, net: Network, initial: Any) -> None:
    if hasattr(initial, "get_params"):
        estimator = unwrap(initial).estimator
        held = mlp.arrays(estimator) if hasattr(estimator, "coefs_") else linear.arrays(estimator)
        initial = list(held)
    if isinstance(initial, (list, tuple)):
        initial = in_order(initial, net.parameters)
    if not isinstance(initial, Mapping):
        raise ExportError(
            f"initial is {type(initial).__name__}; expected a dict or a list of arrays in the "
            f"order {', '.join(net.parameters)}, or a second estimator"
        )
    add_initial(document, initial, ())
