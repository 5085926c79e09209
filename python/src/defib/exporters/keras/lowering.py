"""The run while a Keras model is written into it, and what a layer needs to write itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from ..._errors import ExportError
from ..arrays import Array, as_array
from ..document import RunDocument
from .value import Shape, Value, to_first, to_native


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
        mode: str,
        run: Callable[[Call], list[Value]],
        expand: Callable[[Call, Callable[..., Any]], list[Value]],
    ) -> None:
        self.document = document
        #: id of a variable -> what the user calls it
        self.names = names
        #: ids of the variables that the training changes
        self.trainable = trainable
        self.training = mode == "train"
        #: writes a call of any layer
        self.run = run
        #: writes a Python function of tensors
        self.expand = expand
        self.problems: list[str] = []
        #: id of a variable -> parameter of the run
        self.parameters: dict[int, str] = {}
        self._moved: dict[tuple[str, tuple[int, ...]], str] = {}
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
                name, array_of(variable, f"parameter {name}"), trainable=key in self.trainable
            )
        return self.parameters[key]

    def moved(self, call: Call, parameter: str, order: Sequence[int]) -> str:
        """Transpose a parameter, once for all that use it."""
        key = parameter, tuple(order)
        if key not in self._moved:
            name = f"{parameter}/transposed"
            self._moved[key] = call.emit("Transpose", parameter, full=name, perm=list(order))
        return self._moved[key]

    def numbered(self, name: str) -> str:
        """Tell functions of one kind inside one layer apart."""
        self._numbers[name] = self._numbers.get(name, 0) + 1
        number = self._numbers[name]
        return name if number == 1 else f"{name}_{number - 1}"


@dataclass
class Call:
    """One call of a layer or of an operation of keras.ops."""

    lowering: Lowering
    #: the layer or the operation
    op: Any
    #: what findings call it
    layer: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    #: shapes and types of what Keras says it returns
    outputs: Sequence[Any]
    #: whether a mask begins here
    masks: bool = False

    @property
    def shape(self) -> Shape:
        """The shape of the first output."""
        return tuple(self.outputs[0].shape)

    def argument(self, position: int, name: str, default: Any = None) -> Any:
        """Return an argument by position or by name."""
        if len(self.args) > position:
            return self.args[position]
        return self.kwargs.get(name, default)

    # -- writing

    def emit(
        self, op: str, *inputs: str, name: str | None = None, full: str | None = None, **attrs: Any
    ) -> str:
        """Add an operator named after the layer, or `layer/name`; return what it writes."""
        wanted = full or (f"{self.layer}/{name}" if name else self.layer)
        return self.lowering.document.add_node(
            op, inputs, layer=self.layer, name=wanted, attributes=attrs
        )

    def integers(self, values: Sequence[int], name: str) -> str:
        """Add a constant list of integers."""
        return self.lowering.document.add_integers(
            values, layer=self.layer, name=f"{self.layer}/{name}"
        )

    def number(self, value: float, name: str = "value") -> str:
        """Add a constant number."""
        return self.lowering.document.add_number(
            float(value), layer=self.layer, name=f"{self.layer}/{name}"
        )

    def constant(self, array: Array, name: str) -> str:
        """Add an array that no training changes."""
        return self.lowering.document.add_parameter(f"{self.layer}/{name}", array, trainable=False)

    def reshape(self, tensor: str, shape: Sequence[int], name: str | None = None) -> str:
        """Add a Reshape."""
        target = self.integers(shape, f"{name}/shape" if name else "shape")
        return self.emit("Reshape", tensor, target, name=name)

    def weight(self, variable: Any, order: Sequence[int] | None = None) -> str:
        """Name the parameter of a variable, transposed if `order` is given."""
        parameter = self.lowering.parameter(variable)
        return parameter if order is None else self.lowering.moved(self, parameter, order)

    # -- values

    def value(self, native: str, shape: Sequence[int | None] | None = None) -> Value:
        """Return a value in the layout of Keras; its shape is the first output's by default."""
        held = self.shape if shape is None else tuple(shape)
        return Value(held, self.outputs[0].dtype, native=native)

    def value_first(self, first: str, shape: Sequence[int | None] | None = None) -> Value:
        """Return a value in the layout of ONNX; `shape` is the one in the layout of Keras."""
        held = self.shape if shape is None else tuple(shape)
        return Value(held, self.outputs[0].dtype, first=first)

    def native(self, value: Value) -> str:
        """Name the tensor of a value in the layout of Keras."""
        if not value.native:
            order = to_native(value.rank)
            value.native = self.emit(
                "Transpose", value.first, full=f"{value.first}/channels_last", perm=order
            )
        return value.native

    def first(self, value: Value) -> str:
        """Name the tensor of a value with its last axis moved to axis 1."""
        if value.rank <= 2:
            return self.native(value)
        if not value.first:
            order = to_first(value.rank)
            value.first = self.emit(
                "Transpose", value.native, full=f"{value.native}/channels_first", perm=order
            )
        return value.first

    def operand(self, argument: Any, name: str = "constant") -> Value:
        """Turn any argument of an operation into a value.

        Raises:
            ExportError: it is neither a tensor nor a number.
        """
        if isinstance(argument, Value):
            return argument
        if isinstance(argument, keras.Variable):
            held = tuple(argument.shape)
            return Value(held, str(argument.dtype), self.weight(argument), batched=False)
        if isinstance(argument, (bool, int, float, np.generic)):
            return Value((), "float32", self.number(float(argument), name), batched=False)
        array = array_of(argument, f"{self.layer}: an argument")
        if array.dtype.kind in "biu" and array.ndim == 1 and array.size < 4096:
            tensor = self.integers([int(item) for item in array], name)
        else:
            tensor = self.constant(array, name)
        return Value(array.shape, str(array.dtype), tensor, batched=False)

    def same_layout(self, *values: Value) -> tuple[list[str], bool]:
        """Name the tensors of values in one layout, and say whether it is the one of ONNX."""
        whole = [value for value in values if value.shape != ()]
        if len({value.rank for value in whole}) == 1 and all(value.first for value in whole):
            return [value.first or value.native for value in values], True
        return [self.native(value) for value in values], False

    def wrap(self, tensor: str, is_first: bool, shape: Sequence[int | None] | None = None) -> Value:
        """Return a value in the layout that `same_layout` told."""
        return self.value_first(tensor, shape) if is_first else self.value(tensor, shape)

    def plain(self, value: Value) -> tuple[str, bool]:
        """Name the tensor of a value for an operator that treats each number by itself."""
        (tensor,), is_first = self.same_layout(value)
        return tensor, is_first
