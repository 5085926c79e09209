"""Changes to nodes, edges and parameters."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from defib import _engine

from .. import values
from ..subject import Subject

Node = dict[str, Any]


@cache
def operators() -> list[dict[str, Any]]:
    """Return the engine's operators, with what they take."""
    listed: list[dict[str, Any]] = _engine.parsed("defib_catalogue")["operators"]
    return listed


def nodes(subject: Subject) -> list[Node]:
    """Return the nodes that are there."""
    return subject.entries("graph", "nodes")


def tensors(subject: Subject) -> list[str]:
    """Return the names of all tensors of the graph."""
    names = [name for node in nodes(subject) for name in _texts(node.get("outputs"))]
    names += [p.get("name") for p in subject.entries("graph", "parameters")]  # type: ignore[misc]
    names += _texts(subject.section("graph").get("inputs"))
    return [name for name in names if isinstance(name, str)] or ["x"]


def _texts(value: Any) -> list[str]:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _some(rng: Random, subject: Subject) -> Node:
    found = nodes(subject)
    return rng.choice(found) if found else {}


def attribute(rng: Random, subject: Subject) -> None:
    """Give an attribute of a node an extreme value."""
    with_some = [n for n in nodes(subject) if n.get("attributes")]
    node = rng.choice(with_some) if with_some else _some(rng, subject)
    attributes = node.setdefault("attributes", {})
    if attributes and rng.random() < 0.8:
        key = rng.choice(sorted(attributes))
        attributes[key] = values.near(rng, attributes[key])
    elif attributes and rng.random() < 0.5:
        del attributes[rng.choice(sorted(attributes))]
    else:
        name = next((o for o in operators() if o["name"] == node.get("op")), None)
        known = [a["name"] for a in name["attributes"]] if name else []
        attributes[rng.choice(known or ["axis"])] = values.anything(rng)


def axis(rng: Random, subject: Subject) -> None:
    """Let a node work along the axis of the samples, or along one that is not there."""
    chosen = [n for n in nodes(subject) if {"axis", "axes", "perm"} & set(n.get("attributes", ()))]
    for node in rng.sample(chosen, min(1, len(chosen))):
        attributes = node["attributes"]
        for key in {"axis", "axes", "perm"} & set(attributes):
            if key == "axis":
                attributes[key] = rng.choice([0, 0, 0, -1, 1, 2, -2, 9, -9, 2**31, 2**63 - 1])
            elif isinstance(attributes[key], list):
                rng.shuffle(attributes[key])


def operator(rng: Random, subject: Subject) -> None:
    """Replace the operator of a node by another of the catalogue."""
    node, other = _some(rng, subject), rng.choice(operators())
    node["op"] = other["name"]
    if rng.random() < 0.5:
        node.pop("attributes", None)
    count = rng.randint(other["inputs"][0], min(other["inputs"][1], 8))
    inputs = _texts(node.get("inputs"))
    names = tensors(subject)
    if rng.random() < 0.7:
        node["inputs"] = (inputs + [rng.choice(names) for _ in range(count)])[:count]


def insert(rng: Random, subject: Subject) -> None:
    """Put a node between a tensor and those that read it, with attributes of its own."""
    readers = [n for n in nodes(subject) if _texts(n.get("inputs"))]
    if not readers:
        return
    reader, other = rng.choice(readers), rng.choice(operators())
    place = rng.randrange(len(reader["inputs"]))
    count = rng.randint(other["inputs"][0], min(other["inputs"][1], 6))
    names, made = tensors(subject), f"made{rng.randrange(10**6)}"
    given = ([reader["inputs"][place]] + [rng.choice(names) for _ in range(count)])[:count]
    attributes = {}
    for entry in other["attributes"]:
        if rng.random() < 0.5:
            attributes[entry["name"]] = values.near(rng, rng.choice([0, 1, 1.0, "", [1, 1], [0]]))
    if other["name"] == "Constant":
        attributes = {"value_ints": values.wholes(rng)}
    node = {"name": made, "op": other["name"], "inputs": given, "outputs": [made]}
    if attributes:
        node["attributes"] = attributes
    listed = subject.document["graph"]["nodes"]
    listed.insert(next(i for i, n in enumerate(listed) if n is reader), node)
    reader["inputs"][place] = made


def constant(rng: Random, subject: Subject) -> None:
    """Change the whole numbers that a Reshape, an Expand or their like reads."""
    found = [n for n in nodes(subject) if n.get("op") == "Constant" and n.get("attributes")]
    if not found:
        sized(rng, subject)
        return
    attributes = rng.choice(found)["attributes"]
    key = rng.choice(sorted(attributes))
    attributes[key] = values.near(rng, attributes[key])


def sized(rng: Random, subject: Subject) -> None:
    """Put nodes in that ask for sizes of their own: Expand, Tile, Reshape, Pad and their like."""
    readers = [n for n in nodes(subject) if _texts(n.get("inputs"))]
    if not readers:
        return
    listed = subject.document["graph"]["nodes"]
    for _ in range(rng.choice([1, 1, 2, 3])):
        reader = rng.choice(readers)
        op = rng.choice(
            ["Expand", "Tile", "Reshape", "Pad", "ConstantOfShape", "OneHot", "Range", "Slice",
             "Squeeze", "Unsqueeze", "Split", "ReduceSum", "CumSum", "Gather"]
        )  # fmt: skip
        made = f"made{rng.randrange(10**6)}"
        sizes = rng.choice(
            [values.wholes(rng), [1, 2**rng.randrange(20, 63)], [2**36], [0], [-1], [0, -1],
             [1, -1, 2**31], [2**32, 2**32]]
        )  # fmt: skip
        shape = {"name": made + "s", "op": "Constant", "inputs": [], "outputs": [made + "s"],
                 "attributes": {"value_ints": sizes}}  # fmt: skip
        source = reader["inputs"][0]
        given = [source, made + "s"]
        if op == "ConstantOfShape":
            given = [made + "s"]
        elif op in ("Range", "OneHot"):
            given = [source, made + "s", made + "s"]
        node = {"name": made, "op": op, "inputs": given, "outputs": [made]}
        place = next(i for i, n in enumerate(listed) if n is reader)
        listed[place:place] = [shape, node]
        reader["inputs"][0] = made


def rewire(rng: Random, subject: Subject) -> None:
    """Let a node read another tensor, its own output or a later one among them."""
    node = _some(rng, subject)
    inputs = _texts(node.get("inputs"))
    if inputs:
        inputs[rng.randrange(len(inputs))] = rng.choice([*tensors(subject), ""])
        node["inputs"] = inputs


def arity(rng: Random, subject: Subject) -> None:
    """Add or take inputs and outputs of a node."""
    node = _some(rng, subject)
    key = rng.choice(["inputs", "inputs", "outputs"])
    listed = _texts(node.get(key))
    kind = rng.randrange(4)
    if kind == 0 and listed:
        del listed[rng.randrange(len(listed))]
    elif kind == 1:
        listed.append(rng.choice([*tensors(subject), "", "new"]))
    elif kind == 2:
        listed = listed * rng.choice([0, 2, 50])
    else:
        listed = listed[::-1]
    node[key] = listed


def swap(rng: Random, subject: Subject) -> None:
    """Change places: two nodes, their names, their inputs or their outputs."""
    found = nodes(subject)
    if len(found) < 2:
        return
    first, second = rng.sample(found, 2)
    for key in rng.choice([("name",), ("inputs",), ("outputs",), ("op",), tuple(first)]):
        if key in first and key in second:
            first[key], second[key] = second[key], first[key]


def delete(rng: Random, subject: Subject) -> None:
    """Take a node out; those that read it read what it read, or nothing at all."""
    node = _some(rng, subject)
    listed = subject.section("graph").get("nodes", [])
    if not node or len(listed) < 2:
        return
    listed[:] = [n for n in listed if n is not node]
    inputs, outputs = _texts(node.get("inputs")), _texts(node.get("outputs"))
    if inputs and rng.random() < 0.8:
        rename(subject, dict.fromkeys(outputs, inputs[0]))


def rename(subject: Subject, names: dict[str, str]) -> None:
    """Give tensors other names wherever they are read."""
    for node in nodes(subject):
        node["inputs"] = [names.get(name, name) for name in _texts(node.get("inputs"))]
    graph = subject.section("graph")
    graph["outputs"] = [names.get(name, name) for name in _texts(graph.get("outputs"))]
    for loss in subject.entries("losses"):
        loss["prediction"] = names.get(str(loss.get("prediction")), loss.get("prediction"))


def duplicate(rng: Random, subject: Subject) -> None:
    """Write a node twice, under its name or another."""
    node = _some(rng, subject)
    if not node:
        return
    twin = {key: (list(v) if isinstance(v, list) else v) for key, v in node.items()}
    if rng.random() < 0.7:
        twin["name"] = f"twin{rng.randrange(10**6)}"
        twin["outputs"] = [f"{name}t" for name in _texts(node.get("outputs"))]
        if rng.random() < 0.5:
            rename(subject, dict(zip(_texts(node.get("outputs")), twin["outputs"], strict=False)))
    listed = subject.document["graph"]["nodes"]
    listed.insert(rng.randrange(len(listed) + 1), twin)


def names(rng: Random, subject: Subject) -> None:
    """Rename a node, a layer or a tensor, to what another has or to nothing."""
    node = _some(rng, subject)
    key = rng.choice(["name", "layer", "outputs"])
    new = rng.choice([*tensors(subject), *values.TEXT])
    if key == "outputs":
        node["outputs"] = [new, *_texts(node.get("outputs"))[1:]]
    else:
        node[key] = new


def outputs(rng: Random, subject: Subject) -> None:
    """Change what the graph returns or takes."""
    graph = subject.section("graph")
    key = rng.choice(["outputs", "outputs", "inputs"])
    listed = _texts(graph.get(key))
    choice = rng.randrange(4)
    if choice == 0:
        listed.append(rng.choice(tensors(subject)))
    elif choice == 1:
        listed = [rng.choice(tensors(subject))]
    elif choice == 2:
        listed = []
    else:
        listed = listed * 2
    graph[key] = listed


def parameters(rng: Random, subject: Subject) -> None:
    """Change a parameter: frozen, listed, its file, its start, there twice, or not at all."""
    found = subject.entries("graph", "parameters")
    if not found:
        return
    entry, other = rng.choice(found), rng.choice(found)
    kind = rng.randrange(7)
    if kind == 0:
        entry["trainable"] = not entry.get("trainable", True)
    elif kind == 1:
        entry["file"] = rng.choice([other.get("file"), *subject.arrays])
    elif kind == 2:
        entry["initial"] = rng.choice([other.get("file"), *subject.arrays])
    elif kind == 3:
        subject.document["graph"]["parameters"].append(dict(entry))
    elif kind == 4:
        listed = subject.document["graph"]["parameters"]
        listed[:] = [p for p in listed if p is not entry]
    elif kind == 5:
        entry["registered"] = rng.choice([False, False, True, 0])
    else:
        for each in found:
            each["trainable"] = False


ALL = [
    attribute, axis, operator, insert, constant, sized, rewire, arity, swap, delete, duplicate,
    names, outputs, parameters,
]  # fmt: skip
