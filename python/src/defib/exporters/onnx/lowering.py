"""The way from the nodes of an ONNX graph to those of a run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import numpy_helper

from ..._names import Names
from ..arrays import Array
from ..document import RunDocument
from . import follow
from .constants import add_constant, clamped
from .fold import Folded, constant_value
from .support import Support


class Lowering:
    """Writes a graph into a run, from its outputs back; leaves out what is not needed."""

    def __init__(
        self,
        document: RunDocument,
        model: onnx.ModelProto,
        support: Support,
        *,
        arrays: Mapping[str, Array],
        trainable: set[str],
        folded: tuple[Folded, Folded],
        layers: Mapping[str, str],
        mode: str | None,
    ) -> None:
        self._document, self._support, self._layers = document, support, layers
        self._arrays, self._trainable, self._folded = arrays, trainable, folded
        self._mode = mode
        #: what the conversions added
        self._extra = {
            tensor.name: numpy_helper.to_array(tensor)
            for tensor in model.graph.initializer
            if tensor.name not in arrays
        }
        self._nodes = list(model.graph.node)
        self._outputs = [value.name for value in model.graph.output]
        self._tensors, self._node_names = Names(), Names()
        for name in {n for node in self._nodes for n in (*node.input, *node.output)}:
            self._tensors.unique(name)
        for node in self._nodes:
            self._node_names.unique(node.name)
        #: tensors that are in the run
        self._written = set(document.inputs)

    def run(self) -> None:
        """Write every node that an output needs; what cannot be written goes to the support."""
        needed = self._needed()
        read = {name for node in needed for name in node.input} | set(self._outputs)
        for node in needed:
            if node.op_type == "Constant":
                continue
            if not self._support.knows(node):
                self._support.report(node, "")
                continue
            self._write(node, read)
        for name in self._outputs:
            first, second = (folded.values.get(name) for folded in self._folded)
            if first is not None and second is not None and not _same(first, second):
                self._support.problems.append(f"output {name}: the size of the batch itself")
            self._provide(name, name)
        self._document.outputs = list(dict.fromkeys(self._outputs))

    def _needed(self) -> list[onnx.NodeProto]:
        """The nodes on a way to an output that are not known before any data, in order."""
        wanted = {name for name in self._outputs if name not in self._folded[0].values}
        result = []
        for node in reversed(self._nodes):
            if not wanted.isdisjoint(node.output):
                result.append(node)
                wanted.update(n for n in node.input if n and n not in self._folded[0].values)
        return result[::-1]

    def _write(self, node: onnx.NodeProto, read: set[str]) -> None:
        attributes = self._support.attributes(node)
        if node.op_type == "BatchNormalization" and self._mode is not None:
            attributes["training_mode"] = int(self._mode == "train")
        if attributes.get("allowzero") and self._follows(node.input[1]):
            del attributes["allowzero"]  # a 0 now keeps a length
        inputs = [self._input(node, position) for position in range(len(node.input))]
        while inputs and not inputs[-1]:
            inputs.pop()
        outputs = list(node.output)
        while len(outputs) > 1 and outputs[-1] not in read:
            outputs.pop()
        outputs = [name or self._tensors.unique(f"{node.name}/unused") for name in outputs]
        most = self._support.operators[node.op_type]["outputs"][1]
        if len(outputs) > most:
            self._support.report(node, f" with {len(outputs)} outputs; expected {most}")
        self._document.append(
            node.op_type, inputs, outputs, name=node.name,
            layer=self._layers.get(outputs[0], node.name), attributes=attributes,
        )  # fmt: skip
        self._written.update(outputs)

    def _follows(self, name: str) -> bool:
        """Whether a shape depends on the size of the batch, and asks for no axis of length 0."""
        first, second = (folded.values.get(name) for folded in self._folded)
        if first is None or second is None:
            return False
        return not _same(first, second) and bool(first.all()) and bool(second.all())

    def _input(self, node: onnx.NodeProto, position: int) -> str:
        """Name the tensor of the run at an input of a node."""
        name = node.input[position]
        first, second = (folded.values.get(name) for folded in self._folded)
        if first is None or second is None or _same(first, second):
            if follow.is_zero_state(node, position, self._value(name)):
                return ""
            return self._provide(name, node.output[0])
        shapes = [folded.shapes.get(node.input[0], ()) for folded in self._folded]
        array = follow.independent(node, position, first, second, (shapes[0], shapes[1]))
        if array is None:
            self._support.report(node, " computes with the size of the batch")
            return ""
        if array.size == 0 and first.size:
            return ""
        return self._add(self._tensors.unique(f"{name}/{node.name}"), array, node.output[0])

    def _value(self, name: str) -> Array | None:
        """The value of a tensor that no training changes."""
        if name in self._folded[0].values:
            return self._folded[0].values[name]
        if name in self._arrays:
            return None if name in self._trainable else self._arrays[name]
        if name in self._extra:
            return self._extra[name]
        source = next((node for node in self._nodes if name in node.output), None)
        return constant_value(source) if source is not None else None

    def _provide(self, name: str, user: str) -> str:
        """Make sure that a tensor is in the run; `user` is the tensor that is computed from it."""
        if not name or name in self._written:
            return name
        if name in self._folded[0].values:
            return self._add(name, self._folded[0].values[name], user)
        if name in self._arrays:
            array = self._arrays[name]
            weights = name in self._trainable
            self._document.add_parameter(name, clamped(array), trainable=weights)
            self._written.add(name)
            return name
        if name in self._extra:
            return self._add(name, self._extra[name], user)
        source = next((node for node in self._nodes if name in node.output), None)
        if source is not None and source.op_type == "Constant":
            value = constant_value(source)
            if value is None:
                self._support.report(source, " that holds no numbers, or is sparse")
                return ""
            return self._add(name, value, user, source.name)
        if source is None:
            layer = self._layers.get(user, user)
            self._support.problems.append(f"{layer}: reads {name}, which nothing computes")
        return name

    def _add(self, name: str, array: Array, user: str, node: str = "") -> str:
        layer = self._layers.get(user, user)
        node = node or self._node_names.unique(name)
        add_constant(self._document, array, name=name, node=node, layer=layer)
        self._written.add(name)
        return name


def _same(first: Array, second: Array) -> bool:
    return first.shape == second.shape and np.array_equal(first, second, equal_nan=False)
