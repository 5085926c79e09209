"""Which loss meets which output and which target, and the targets as Keras feeds them to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from ..._errors import ExportError
from ..arrays import Array
from ..document import RunDocument
from ..losses import normalised
from ..nodes import NodeWriter
from . import custom
from .loss import KerasLoss, read
from .value import Value, to_first, to_native

#: Losses that Keras averages over the last axis before it sums up samples.
_BY_ELEMENT = {
    "mse", "l1", "huber", "log-cosh", "bce", "bce-with-logits", "poisson-nll", "hinge",
}  # fmt: skip


def spread(given: Any, names: Sequence[str], what: str) -> list[Any]:
    """Give each output its part of a single thing, a list, or a dict by the names of outputs.

    Raises:
        ExportError: a name is unknown, or a list has another length.
    """
    if by_output(given, names):
        strangers = [str(key) for key in given if key not in names]
        if strangers:
            raise ExportError(f"{what} names {strangers}; the outputs are {list(names)}")
        return [given.get(name) for name in names]
    if isinstance(given, (list, tuple)):
        if len(given) != len(names):
            raise ExportError(f"{what} has {len(given)} items; the outputs are {list(names)}")
        return list(given)
    return [given] * len(names)


def by_output(given: Any, names: Sequence[str]) -> bool:
    """Whether a dict is one by outputs, and not a single loss such as `{"kind": "mse"}`."""
    return isinstance(given, Mapping) and ("kind" not in given or all(k in names for k in given))


class Pairing:
    """Writes the losses of a run, and brings their targets into the form that Keras computes on."""

    def __init__(self, document: RunDocument, outputs: Mapping[str, Value]) -> None:
        self.document = document
        #: what the user calls an output -> its value
        self.outputs = outputs

    def write(self, losses: Any, weights: Any, targets: Mapping[str, str]) -> None:
        """Add a loss for each output that has one; `targets`: output -> name in the data.

        Raises:
            ExportError: everything that is not known, in one message.
        """
        names, problems = list(self.outputs), []
        pairs = zip(
            names, spread(losses, names, "loss"), spread(weights, names, "loss_weights"),
            strict=True,
        )  # fmt: skip
        for name, loss, weight in pairs:
            if loss is None:
                continue
            try:
                if name not in targets:
                    raise ExportError("a loss needs targets: pass y")
                self._one(name, loss, weight, targets[name])
            except ExportError as error:
                problems.append(f"{name}: {error}" if len(names) > 1 else str(error))
        if problems:
            raise ExportError("\n".join(dict.fromkeys(problems)))

    def _one(self, name: str, loss: Any, weight: Any, target: str) -> None:
        value = self.outputs[name]
        path = self.document.data[target]
        if isinstance(loss, Mapping):
            entry = normalised(loss, lambda _: None)
            given = KerasLoss(entry, "given")
        else:
            given = read(loss, (value.shape, self.document.arrays[path].shape))
            entry = given.entry
        if given.targets == "given" and "classes" in str(entry["kind"]):
            given.targets = "classes"
        if given.targets == "signs" and np.isin(self.document.arrays[path], (0, 1)).all():
            entry = entry | {"binary": True}
        if given.targets == "own":
            self._custom(value, entry["call"], weight, target)
            return
        value, entry = self._before_activation(value, given, entry)
        for held in (self.document.data, self.document.validation):
            if target in held:
                array = self.document.arrays[held[target]]
                self.document.arrays[held[target]] = _fed(array, given, value)
        if given.targets == "indices" and entry["kind"] == "categorical-cross-entropy":
            value, entry = self._clipped_first(name, value, entry)
        if given.targets in ("classes", "indices") and value.rank > 2:
            prediction = self._classes_first(value)
            for held in (self.document.data, self.document.validation):
                if given.targets == "classes" and target in held:
                    array = self.document.arrays[held[target]]
                    self.document.arrays[held[target]] = np.moveaxis(array, -1, 1)
        else:
            prediction = self._classes_last(value)
        factor = 1.0 if weight is None else float(weight)
        width = value.shape[-1]
        summed = entry.get("reduction") == "sum" and entry["kind"] in _BY_ELEMENT
        if summed and width and value.rank > 1 and given.targets != "given":
            factor /= int(width)
        entry = dict(entry) | {"prediction": prediction, "target": target}
        if factor != 1.0:
            entry["weight"] = factor * float(entry.get("weight", 1.0))
        self.document.losses.append(entry)

    def _custom(self, value: Value, loss: Any, weight: Any, target: str) -> None:
        """Add a loss that has to be traced, in the layout of Keras."""
        entry = custom.entry(self.document, loss, value, self._classes_last(value), target)
        if weight is not None and float(weight) != 1:
            entry["weight"] = float(weight)
        self.document.losses.append(entry)

    def _before_activation(
        self, value: Value, given: KerasLoss, entry: dict[str, Any]
    ) -> tuple[Value, dict[str, Any]]:
        """On TensorFlow, Keras takes the loss from what went into a softmax or a sigmoid."""
        if given.targets == "given" or keras.backend.backend() != "tensorflow" or not value.logits:
            return value, entry
        # Whichever of the two activations it was: Keras keeps what went in, and does not ask.
        _, source = value.logits
        events = entry["kind"] in ("bce", "bce-with-logits")
        if not events and entry["kind"] not in ("categorical-cross-entropy", "cross-entropy"):
            return value, entry
        kept = {k: v for k, v in entry.items() if k not in ("kind", "clip", "normalize")}
        kind = "bce-with-logits" if events else "cross-entropy"
        if not source.native and not source.first:
            return value, entry
        return source, {"kind": kind, **kept}

    def _clipped_first(
        self, name: str, value: Value, entry: dict[str, Any]
    ) -> tuple[Value, dict[str, Any]]:
        """On TensorFlow, indices meet probabilities that are clipped before they are normalised.

        For what a softmax gave that is the same. For a layer without one it is not.
        """
        if keras.backend.backend() != "tensorflow":
            return value, entry
        write, bound = NodeWriter(self.document, name), float(entry["clip"])
        least, most = write.number(bound, "clipped/min"), write.number(1.0 - bound, "clipped/max")
        tensor = write.emit("Clip", value.native or value.first, least, most, part="clipped")
        entry = {key: setting for key, setting in entry.items() if key != "clip"}
        return Value(value.shape, value.dtype, tensor), entry

    def _classes_last(self, value: Value) -> str:
        """Bring the channels to the last axis, where Keras' targets have them."""
        if not value.native:
            name = f"{value.first}/channels_last"
            value.native = self.document.add_node(
                "Transpose", [value.first], layer=name, name=name,
                attributes={"perm": to_native(value.rank)},
            )  # fmt: skip
        return value.native

    def _classes_first(self, value: Value) -> str:
        """Bring the classes to axis 1, where losses have them."""
        if not value.first:
            name = f"{value.native}/classes_first"
            value.first = self.document.add_node(
                "Transpose", [value.native], layer=name, name=name,
                attributes={"perm": to_first(value.rank)},
            )  # fmt: skip
        return value.first


def _fed(array: Array, given: KerasLoss, value: Value) -> Array:
    """Bring targets into the shape in which Keras compares them."""
    shape = value.shape
    if given.targets == "indices":
        if array.ndim == len(shape) and array.shape[-1] == 1:
            array = array.reshape(array.shape[:-1])
        return array
    if given.targets != "classes" and shape[-1:] == (1,) and array.ndim == len(shape) - 1:
        array = array.reshape(*array.shape, 1)
    elif array.ndim == len(shape) + 1 and array.shape[-1] == 1:
        array = array.reshape(array.shape[:-1])
    return array
