"""Leaves a model as it was, and keeps it from drawing random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import keras
import numpy as np

from .lowering import array_of
from .tables import AUGMENTATION

#: Layers whose randomness a replay leaves out, by the attributes that make it.
_NOISE = ("rate", "dropout", "recurrent_dropout", "stddev", "_dropout")


@contextmanager
def kept(model: Any) -> Iterator[None]:
    """Restore every variable that an export has changed, such as what a `call` counts."""
    before = [(v, array_of(v, "a variable").copy()) for v in model.variables]
    numbers = np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(numbers)
        _put_back(before)


@contextmanager
def quiet(root: Any) -> Iterator[None]:
    """Let dropout, noise and augmentation of `root` pass their input through, as a replay does."""
    layers = root._flatten_layers() if isinstance(root, keras.layers.Layer) else []
    attributes = [(layer, dict(vars(layer))) for layer in layers]
    try:
        for layer, _ in attributes:
            for name in _NOISE:
                if isinstance(vars(layer).get(name), float):
                    vars(layer)[name] = 0.0
            if type(layer).__module__.startswith(AUGMENTATION):
                vars(layer)["call"] = _same
        with mock.patch.object(keras.random, "dropout", _same):
            yield
    finally:
        for layer, values in attributes:
            for name in set(vars(layer)) - set(values):
                del vars(layer)[name]
            vars(layer).update(values)


def _same(inputs: Any, *_: Any, **__: Any) -> Any:
    return inputs


@contextmanager
def undisturbed(model: Any) -> Iterator[None]:
    """Restore everything that a forward pass in training may change, and let nothing be random."""
    trained = {id(variable) for variable in model.trainable_variables}
    held = [v for v in model.variables if id(v) not in trained]
    before = [(variable, array_of(variable, "a state").copy()) for variable in held]
    numbers = np.random.get_state()
    try:
        with quiet(model):
            yield
    finally:
        np.random.set_state(numbers)
        _put_back(before)


def _put_back(before: list[tuple[Any, Any]]) -> None:
    for variable, value in before:
        now = array_of(variable, "a variable")
        if now.tobytes() != value.tobytes():
            variable.assign(value)
