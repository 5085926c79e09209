"""Which operators the engine has, in its own words, and what a model holds besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import onnx
from onnx import AttributeProto, helper, numpy_helper

from ..._engine import parsed

_GRAPHS = (AttributeProto.GRAPH, AttributeProto.GRAPHS)


@dataclass
class Support:
    """The engine's catalogue of operators, and everything found that is not in it."""

    operators: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    #: tensor -> the name and the operator of the user's node that writes it
    origins: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of_engine(cls) -> Support:
        """Ask the engine."""
        return cls({entry["name"]: entry for entry in parsed("defib_catalogue")["operators"]})

    def knows(self, node: onnx.NodeProto) -> bool:
        """Whether the engine has the operator of a node."""
        return node.domain in ("", "ai.onnx") and node.op_type in self.operators

    def report(self, node: onnx.NodeProto, what: str) -> None:
        """Note something about a node that cannot be replayed."""
        name, op = node.name, _operator(node)
        for output in node.output:
            name, before = self.origins.get(output, (name, op))
            if before != op:
                op = f"{before}, converted to {op}"
                break
        self.problems.append(f"{name}: {op}{what}")

    def look(self, nodes: Sequence[onnx.NodeProto]) -> None:
        """Remember the nodes as the user knows them; note those that hold graphs of their own."""
        for node in nodes:
            origin = (node.name, _operator(node))
            self.origins.update((name, origin) for name in node.output if name)
            if any(attribute.type in _GRAPHS for attribute in node.attribute):
                self.report(node, " (it holds a graph of its own, which a run cannot)")

    def attributes(self, node: onnx.NodeProto) -> dict[str, Any]:
        """Read the attributes of a node into what run.json holds, and note what does not fit.

        What the engine does not list, but has its default value, says nothing and is left out.
        """
        entry = self.operators[node.op_type]
        listed = {attribute["name"] for attribute in entry["attributes"]}
        result: dict[str, Any] = {}
        for attribute in node.attribute:
            value = plain(attribute)
            if attribute.name not in listed and value == _default(node, attribute.name):
                continue
            if attribute.name not in listed:
                self.report(node, f" with {attribute.name} = {value!r}")
            elif value is None:
                self.report(node, f" with a {attribute.name} that is not a number or text")
            else:
                result[attribute.name] = value
        least, most = entry["inputs"]
        if not least <= len(node.input) <= most:
            self.report(node, f" with {len(node.input)} inputs; expected {least} to {most}")
        return result


def _operator(node: onnx.NodeProto) -> str:
    return f"{node.domain}.{node.op_type}" if node.domain else node.op_type


def plain(attribute: onnx.AttributeProto) -> Any:
    """Return an attribute as numbers and texts, a tensor of one element as a number.

    None stands for what is neither: a graph, a longer tensor.
    """
    if attribute.type in (
        AttributeProto.FLOAT, AttributeProto.INT, AttributeProto.STRING,
        AttributeProto.FLOATS, AttributeProto.INTS, AttributeProto.STRINGS,
    ):  # fmt: skip
        value = helper.get_attribute_value(attribute)
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        if isinstance(value, (int, float)):
            return value
        return [v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in value]
    if attribute.type == AttributeProto.TENSOR:
        array = numpy_helper.to_array(attribute.t)
        if array.size == 1 and array.dtype.kind in "biuf":
            return array.reshape(()).item()
    return None


def _default(node: onnx.NodeProto, name: str) -> Any:
    try:
        schema = onnx.defs.get_schema(node.op_type, domain=node.domain)
    except onnx.defs.SchemaError:
        return None
    entry = schema.attributes.get(name)
    return plain(entry.default_value) if entry is not None else None
