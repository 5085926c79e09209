"""The state of the way from a Keras model to the nodes of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from ..._errors import ExportError
from ..arrays import Array, as_array
from ..document import RunDocument
from .value import Value


def array_of(variable: Any, what: str) -> Array:
    """Return the values of a variable or of a tensor of any backend."""
    held = getattr(variable, "value", variable)
    if type(held).__module__.startswith("tensorflow"):
        return as_array(held.numpy(), what)
    return as_array(keras.ops.convert_to_numpy(held), what)


class Lowering:
    """Knows the model's variables and gathers what cannot be expressed."""

    def __init__(
        self,
        document: RunDocument,
        names: Mapping[int, str],
        trainable: set[int],
        frozen: set[int],
        mode: str,
        run: Callable[..., list[Value]],
        expand: Callable[..., list[Value]],
    ) -> None:
        self.document = document
        #: id of a variable -> what the user calls it
        self.names = names
        #: ids of the variables that the training changes
        self.trainable = trainable
        #: ids of those that it would change, were their layers not frozen
        self.frozen = frozen
        self.training = mode == "train"
        #: writes a call of any layer
        self.run = run
        #: writes a Python function of tensors
        self.expand = expand
        self.problems: list[str] = []
        #: id of a variable -> parameter of the run
        self.parameters: dict[int, str] = {}
        #: parameter and the order of its axes -> its transpose in the run
        self.transposes: dict[tuple[str, tuple[int, ...]], str] = {}
        self._numbers: dict[str, int] = {}

    def parameter(self, variable: Any) -> str:
        """Name the parameter of the run for a variable; it is added when it is first used."""
        if not isinstance(variable, keras.Variable):
            raise ExportError(
                "computes a weight from other variables in a property of its own; do so in call()"
            )
        key = id(variable)
        if key not in self.parameters:
            name = self.names.get(key) or str(getattr(variable, "path", "") or variable.name)
            self.parameters[key] = self.document.add_parameter(
                name,
                array_of(variable, f"parameter {name}"),
                trainable=key in self.trainable,
                frozen=key in self.frozen,
            )
        return self.parameters[key]

    def numbered(self, name: str) -> str:
        """Tell functions of one kind inside one layer apart."""
        self._numbers[name] = self._numbers.get(name, 0) + 1
        number = self._numbers[name]
        return name if number == 1 else f"{name}_{number - 1}"
