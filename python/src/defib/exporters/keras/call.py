"""One call of a layer or of an operation on its way into the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from ..nodes import NodeWriter
from .lowering import Lowering, array_of
from .value import Shape, Value, to_first, to_native


class Call(NodeWriter):
    """One call of a layer or of an operation of keras.ops.

    Args:
        lowering: The run as far as it is written.
        op: The layer or the operation.
        layer: What findings call it.
        args: Its arguments; tensors among them are values.
        kwargs: Its arguments by name.
        outputs: Shapes and types of what Keras says it returns.
    """

    def __init__(
        self, lowering: Lowering, op: Any, layer: str, args: tuple[Any, ...],
        kwargs: Mapping[str, Any], outputs: Sequence[Any],
    ) -> None:  # fmt: skip
        super().__init__(lowering.document, layer)
        self.lowering, self.op = lowering, op
        self.args, self.kwargs, self.outputs = args, kwargs, outputs

    def other(
        self, op: Any, layer: str, args: tuple[Any, ...], kwargs: Mapping[str, Any],
        outputs: Sequence[Any],
    ) -> Call:  # fmt: skip
        """Return the call of another layer or function in the same run."""
        return Call(self.lowering, op, layer, args, kwargs, outputs)

    @property
    def shape(self) -> Shape:
        """The shape of the first output."""
        return tuple(self.outputs[0].shape)

    def argument(self, position: int, name: str, default: Any = None) -> Any:
        """Return an argument by position or by name."""
        if len(self.args) > position:
            return self.args[position]
        return self.kwargs.get(name, default)

    def given(self) -> Value:
        """Return the first argument, which most layers and operations have alone."""
        return self.operand(self.args[0] if self.args else next(iter(self.kwargs.values())))

    # -- writing

    def weight(self, variable: Any, order: Sequence[int] | None = None) -> str:
        """Name the parameter of a variable; if `order` is given, its transpose, written once."""
        parameter = self.lowering.parameter(variable)
        if order is None:
            return parameter
        key = parameter, tuple(order)
        held = self.lowering.transposes
        if key not in held:
            held[key] = self._transposed(parameter, order, f"{parameter}/transposed")
        return held[key]

    def _transposed(self, tensor: str, order: Sequence[int], name: str) -> str:
        return self.document.add_node(
            "Transpose", [tensor], layer=self.layer, name=name, attributes={"perm": list(order)}
        )

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
            name = f"{value.first}/channels_last"
            value.native = self._transposed(value.first, to_native(value.rank), name)
        return value.native

    def first(self, value: Value) -> str:
        """Name the tensor of a value with its last axis moved to axis 1."""
        if value.rank <= 2:
            return self.native(value)
        if not value.first:
            name = f"{value.native}/channels_first"
            value.first = self._transposed(value.native, to_first(value.rank), name)
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
