"""Chains of nodes beside a network, whose result is added to a tensor of it.

A chain ends in one number, or in one per sample, and so fits nearly anywhere: what is odd in it
passes the shape rules and has to be replayed.
"""

from __future__ import annotations

from random import Random
from typing import Any

from ..subject import Subject
from .graph import nodes, operators

SIMPLE = [
    "Abs", "Exp", "Log", "Sqrt", "Reciprocal", "Neg", "Sign", "Floor", "Erf", "Tanh", "Relu",
    "Gelu", "Softplus", "Not", "IsNaN", "IsInf", "Identity", "Mish", "HardSwish", "Sin", "Size",
    "StopGradient",
]  # fmt: skip
LENGTHS = [0, 1, 2, 3, 7, 2**10, 2**16, 2**24, 2**31, 2**32, 2**36, 2**56, 2**62, 2**63 - 1, -1]


class Chain:
    """Nodes that follow on each other, put before the node that reads their result."""

    def __init__(self, rng: Random, subject: Subject) -> None:
        self.rng, self.subject = rng, subject
        readers = [n for n in nodes(subject) if n.get("inputs") and n.get("op") != "Constant"]
        self.reader = rng.choice(readers)
        self.source: str = self.reader["inputs"][0]
        self.last = self.source
        self.made: list[dict[str, Any]] = []
        self.tag = f"d{rng.randrange(10**6)}"

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Add a node that reads `inputs`, or the last tensor where there are none."""
        name = f"{self.tag}_{len(self.made)}"
        given = list(inputs) if inputs or op == "Constant" else [self.last]
        node: dict[str, Any] = {"name": name, "op": op, "inputs": given, "outputs": [name]}
        if attributes:
            node["attributes"] = attributes
        self.made.append(node)
        self.last = name
        return name

    def shape(self, *lengths: int) -> str:
        """Add a list of whole numbers; the last tensor stays what it was."""
        before = self.last
        name = self.add("Constant", value_ints=list(lengths))
        self.last = before
        return name

    def matrix(self) -> None:
        """Lay the last tensor out as samples by all else."""
        self.add("Flatten", axis=self.rng.choice([1, 1, 1, 0]))

    def step(self) -> None:
        """Add an operator that takes any matrix, along any of its axes."""
        rng, axis = self.rng, self.rng.choice([0, 0, 1, -1])
        kind, last = rng.randrange(15), self.last
        if kind < 3:
            op = rng.choice(["Softmax", "LogSoftmax", "LpNormalization", "ArgMax"])
            self.add(op, axis=axis)
        elif kind == 3:
            self.add("Transpose", perm=[1, 0])
        elif kind == 4:
            turned = self.add("Transpose", perm=[1, 0])
            self.add("MatMul", *rng.choice([(last, turned), (turned, last)]))
        elif kind == 5:
            self.add("Concat", *[last] * rng.choice([1, 2, 5]), axis=axis)
        elif kind == 6:
            shape = rng.choice([[-1], [1, -1], [-1, 1], [0, -1], [-1, 0], [2, -1], [-1, 2]])
            self.add("Reshape", last, self.shape(*shape))
        elif kind == 7:
            op = rng.choice(
                ["ReduceMax", "ReduceMean", "ReduceL2", "ReduceLogSumExp", "ReduceProd"]
            )
            self.add(op, last, self.shape(axis), keepdims=1)
        elif kind == 8:
            where = self.add("Constant", value_int=axis)
            self.add("CumSum", last, where, exclusive=rng.randrange(2), reverse=rng.randrange(2))
        elif kind == 9:
            self.add(
                "Gather", last, self.shape(*rng.choice([[0], [0, 0], [-1], [1, 0]])), axis=axis
            )
        elif kind == 10:
            ends = (self.shape(0), self.shape(rng.choice([1, 2, 2**31, 2**63 - 1])))
            step = rng.choice([1, 2, -1, 2**40])
            self.add("Slice", last, *ends, self.shape(axis), self.shape(step))
        elif kind == 11:
            pads = [rng.choice([0, 1, -1, 3]) for _ in range(4)]
            mode = rng.choice(["constant", "reflect", "edge", "wrap"])
            self.add("Pad", last, self.shape(*pads), mode=mode)
        elif kind == 12:
            self.add("Trilu", last, upper=rng.randrange(2))
        elif kind == 13:
            equation = rng.choice(["ij->ji", "ij->i", "ij->j", "ij->", "ij,ij->ij", "ij,kj->ik"])
            self.add("Einsum", *[last] * (1 + equation.count(",")), equation=equation)
        else:
            self.add(rng.choice(SIMPLE), last)

    def end(self) -> None:
        """Reduce the chain, add it to what the reader reads, and put it in its place."""
        if self.rng.random() < 0.75:
            self.add("ReduceMean", keepdims=0)
        else:
            self.add("ReduceMean", self.last, self.shape(1), keepdims=1)
        self.add(self.rng.choice(["Add", "Mul", "Sub"]), self.source, self.last)
        listed = self.subject.document["graph"]["nodes"]
        place = next(i for i, n in enumerate(listed) if n is self.reader)
        listed[place:place] = self.made
        self.reader["inputs"][0] = self.last


def over_samples(rng: Random, subject: Subject) -> None:
    """Let samples of a batch see each other: operators along axis 0, folds, products."""
    chain = Chain(rng, subject)
    chain.matrix()
    for _ in range(rng.choice([1, 2, 2, 3, 4])):
        chain.step()
    chain.end()


def straight(rng: Random, subject: Subject) -> None:
    """Put an operator along axis 0 into the network itself."""
    chain = Chain(rng, subject)
    op = rng.choice(["Softmax", "LogSoftmax", "LpNormalization", "CumSum", "Trilu"])
    if op == "CumSum":
        zero = chain.add("Constant", value_int=0)
        chain.add(op, chain.source, zero)
    elif op == "Trilu":
        chain.add(op)
    else:
        chain.add(op, axis=0)
    listed = subject.document["graph"]["nodes"]
    place = next(i for i, n in enumerate(listed) if n is chain.reader)
    listed[place:place] = chain.made
    chain.reader["inputs"][0] = chain.last


def sizes(rng: Random, subject: Subject) -> None:
    """Ask for sizes that stand in the graph: Expand, Tile, Pad and their like, one or several."""
    chain = Chain(rng, subject)
    if rng.random() < 0.5:
        chain.add("Constant", value_float=1.5)
    else:
        chain.add("ReduceMean", keepdims=0)
    for _ in range(rng.choice([1, 1, 2, 3])):
        before = chain.last
        lengths = [rng.choice(LENGTHS) for _ in range(rng.choice([1, 2, 2, 3]))]
        if rng.random() < 0.5:
            lengths = [1, rng.choice(LENGTHS)]
        shape = chain.shape(*lengths)
        op = rng.choice(
            ["Expand", "Expand", "Expand", "ConstantOfShape", "Tile", "Range", "OneHot"]
        )
        if op == "ConstantOfShape":
            chain.add(op, shape)
        elif op == "Range":
            start, step = chain.add("Constant", value_int=0), chain.add("Constant", value_int=1)
            chain.add(op, start, chain.add("Constant", value_int=rng.choice(LENGTHS)), step)
        elif op == "OneHot":
            depth = chain.add("Constant", value_int=rng.choice(LENGTHS))
            which = chain.shape(0, 1)
            chain.add(op, which, depth, chain.add("Constant", value_floats=[0.0, 1.0]), axis=-1)
        elif op == "Tile":
            ones = chain.add("Expand", before, chain.shape(*[1] * len(lengths)))
            chain.add(op, ones, shape)
        else:
            chain.add(op, before, shape)
        if rng.random() < 0.3:
            chain.add("ReduceMax", keepdims=0)
    chain.add("ReduceMean", keepdims=0)
    chain.end()


def broken(rng: Random, subject: Subject) -> None:
    """Put any operator of the catalogue into a chain, over the source and a few constants."""
    chain = Chain(rng, subject)
    chain.matrix()
    matrix, other = chain.last, rng.choice(operators())
    few = [matrix, chain.shape(0), chain.shape(1, 1), chain.add("Constant", value_float=0.5)]
    count = rng.randint(other["inputs"][0], min(other["inputs"][1], 5))
    chain.add(other["name"], *[matrix, *(rng.choice(few) for _ in range(count))][: max(count, 1)])
    chain.add("ReduceMean", keepdims=0)
    chain.end()


def shorter(rng: Random, subject: Subject) -> None:
    """Choose a size of batches that leaves a short one at the end."""
    training = subject.document.setdefault("training", {})
    if isinstance(training, dict):
        training["batch_size"] = rng.choice([1, 2, 3, 4, 5, 7, 8, 11, 16])


ALL = [over_samples] * 3 + [straight, shorter] + [sizes] * 3 + [broken] * 3
