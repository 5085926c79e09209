"""Small valid runs of every usual kind, in NumPy alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import defib
from defib.exporters import RunDocument, Settings, build
from defib.exporters.nodes import NodeWriter

from .subject import Array, Subject

ROWS, HELD_OUT = 23, 9
Generator = np.random.Generator


def _subject(document: RunDocument) -> Subject:
    return Subject(document.to_dict(), {k: np.asarray(v) for k, v in document.arrays.items()})


def _weights(rng: Generator, *shape: int) -> Array:
    return rng.normal(0, 1 / np.sqrt(shape[0]), shape).astype(np.float32)


def _draw(rng: Generator, rows: int, *shape: int) -> Array:
    return rng.normal(size=(rows, *shape)).astype(np.float32)


def _sequential(
    rng: Generator, layers: Any, shape: tuple[int, ...], y: Callable[[int], Array], **settings: Any
) -> Subject:
    """Build a run of `layers` with history, validation data and weights of before."""
    model = defib.Sequential(*layers)
    settings = {
        "optimizer": {"kind": "adam", "learning_rate": 0.01}, "batch_size": 8, "epochs": 12,
        "history": list(np.linspace(1, 0.2, 12)),
        "validation": (_draw(rng, HELD_OUT, *shape), y(HELD_OUT)), **settings,
    }  # fmt: skip
    return _subject(build(model, _draw(rng, ROWS, *shape), y(ROWS), Settings(**settings)))


def dense(rng: Generator) -> Subject:
    """Regression by two dense layers, with the weights of before and along the way."""
    layers = [
        defib.Dense(_weights(rng, 3, 5), np.zeros(5), name="hidden"), defib.ReLU(),
        defib.Dense(_weights(rng, 5, 2), np.zeros(2), name="head"),
    ]  # fmt: skip
    initial = [_weights(rng, 3, 5), np.zeros(5), _weights(rng, 5, 2), np.zeros(2)]
    return _sequential(
        rng, layers, (3,), lambda n: _draw(rng, n, 2), loss="mse", initial=initial,
        snapshots={4: [0.5 * array for array in initial], 20: [2 * array for array in initial]},
        optimizer={"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9},
    )  # fmt: skip


def classes(rng: Generator) -> Subject:
    """Classification, with normalization and dropout."""
    layers = [
        defib.Dense(_weights(rng, 4, 6), np.zeros(6)), defib.Tanh(),
        defib.LayerNorm(np.ones(6), np.zeros(6)), defib.Dropout(0.2),
        defib.Dense(_weights(rng, 6, 3), np.zeros(3)),
    ]  # fmt: skip
    return _sequential(rng, layers, (4,), lambda n: rng.integers(3, size=n), loss="cross-entropy")


def binary(rng: Generator) -> Subject:
    """A probability of a sigmoid, a loss step by step."""
    layers = [defib.Dense(_weights(rng, 4, 4), np.zeros(4)), defib.Sigmoid(),
              defib.Dense(_weights(rng, 4, 1), np.zeros(1)), defib.Sigmoid()]  # fmt: skip
    return _sequential(
        rng, layers, (4,), lambda n: rng.integers(2, size=(n, 1)).astype(np.float32), loss="bce",
        steps=36, epochs=None, history=list(np.linspace(0.7, 0.4, 36)),
    )  # fmt: skip


def image(rng: Generator) -> Subject:
    """A convolutional network with batch normalization and pooling."""
    layers = [
        defib.Conv2D(_weights(rng, 4, 1, 3, 3), np.zeros(4), padding=1),
        defib.BatchNorm(np.ones(4), np.zeros(4), np.zeros(4), np.ones(4)), defib.ReLU(),
        defib.MaxPool2D(2), defib.Flatten(), defib.Dense(_weights(rng, 36, 3), np.zeros(3)),
    ]  # fmt: skip
    return _sequential(
        rng, layers, (1, 6, 6), lambda n: rng.integers(3, size=n), loss="cross-entropy"
    )


def wave(rng: Generator) -> Subject:
    """A convolution over steps."""
    layers = [
        defib.Conv1D(_weights(rng, 3, 2, 3), np.zeros(3), stride=2), defib.ELU(),
        defib.Flatten(), defib.Dense(_weights(rng, 9, 1)),
    ]  # fmt: skip
    return _sequential(rng, layers, (2, 8), lambda n: _draw(rng, n, 1), loss="huber")


def lstm(rng: Generator) -> Subject:
    """A sequence by an LSTM."""
    layers = [
        defib.LSTM(_weights(rng, 2, 12), _weights(rng, 3, 12), np.zeros(12)),
        defib.Dense(_weights(rng, 3, 1), np.zeros(1)),
    ]  # fmt: skip
    return _sequential(rng, layers, (5, 2), lambda n: _draw(rng, n, 1), loss="l1")


def gru(rng: Generator) -> Subject:
    """A value for every step, by a GRU, evaluated."""
    layers = [
        defib.GRU(_weights(rng, 2, 9), _weights(rng, 3, 9), np.zeros(9), sequences=True),
        defib.Dense(_weights(rng, 3, 2)),
    ]  # fmt: skip
    return _sequential(rng, layers, (4, 2), lambda n: _draw(rng, n, 4, 2), loss="mse", mode="eval")


class _Graph:
    """A graph that is written node by node."""

    def __init__(self, rng: Generator) -> None:
        self.document, self.rng = RunDocument("fuzz", "1"), rng

    def weight(self, name: str, *shape: int, trainable: bool = True) -> str:
        return self.document.add_parameter(name, _weights(self.rng, *shape), trainable=trainable)

    def constant(self, name: str, values: Any) -> str:
        return self.document.add_parameter(name, np.array(values, np.float32), trainable=False)

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:
        return self.document.add_node(op, inputs, layer=op.lower(), attributes=attributes)

    def shape(self, *lengths: int) -> str:
        return NodeWriter(self.document, "shape").integers(lengths, "")

    def finish(
        self, outputs: list[str], losses: list[dict[str, Any]],
        draw: Mapping[str, Callable[[int], Any]], **training: Any,
    ) -> Subject:  # fmt: skip
        document = self.document
        document.outputs, document.losses = outputs, losses
        for name, drawn in draw.items():
            document.add_data(name, drawn(ROWS))
            document.add_validation(name, drawn(HELD_OUT))
        document.training = {
            "batch_size": 8, "epochs": 5, "optimizer": {"kind": "adam", "learning_rate": 0.01},
            **training,
        }  # fmt: skip
        document.add_history("loss", np.linspace(2, 1, 5), "epoch")
        return _subject(document)


def attention(rng: Generator) -> Subject:
    """Words through an embedding and masked attention, written out, to a class."""
    g = _Graph(rng)
    tokens = g.document.add_input("tokens")
    x = g.node("Gather", g.weight("table", 11, 6), tokens, axis=0)
    q, k, v = (g.node("MatMul", x, g.weight(name, 6, 6)) for name in "qkv")
    scores = g.node("MatMul", q, g.node("Transpose", k, perm=[0, 2, 1]))
    mask = g.constant("mask", np.triu(np.full((5, 5), -np.inf), 1))
    masked = g.node("Add", scores, mask)
    mixed = g.node("MatMul", g.node("Softmax", masked, axis=-1), v)
    h = g.node("LayerNormalization", g.node("Add", x, mixed), g.weight("scale", 6), axis=-1)
    flat = g.node("Reshape", h, g.shape(0, -1))
    out = g.node("Gemm", flat, g.weight("head", 30, 3), g.weight("bias", 3))
    loss = {"kind": "cross-entropy", "prediction": out, "target": "y", "label_smoothing": 0.1}
    draw = {
        "tokens": lambda n: rng.integers(11, size=(n, 5)),
        "y": lambda n: rng.integers(3, size=n),
    }  # fmt: skip
    return g.finish([out], [loss], draw)


def fused(rng: Generator) -> Subject:
    """The fused operator of attention, reductions, and a loss per step."""
    g = _Graph(rng)
    x = g.document.add_input("x")
    q, k, v = (g.node("MatMul", x, g.weight(name, 4, 4)) for name in "qkv")
    y = g.node("Attention", q, k, v, q_num_heads=2, kv_num_heads=2)
    pooled = g.node("ReduceMean", y, g.shape(1), keepdims=0)
    first = g.node("Slice", y, g.shape(0), g.shape(1), g.shape(1))
    both = g.node("Concat", pooled, g.node("Squeeze", first, g.shape(1)), axis=1)
    out = g.node("Gemm", both, g.weight("head", 8, 2), transB=0)
    loss = {"kind": "smooth-l1", "prediction": out, "target": "y", "sample_weight": "w"}
    draw = {
        "x": lambda n: _draw(rng, n, 5, 4), "y": lambda n: _draw(rng, n, 2),
        "w": lambda n: np.asarray(rng.uniform(0.5, 1.5, n)),
    }  # fmt: skip
    return g.finish([out], [loss], draw, mode="eval")


def several(rng: Generator) -> Subject:
    """Two inputs, a shared trunk, three losses with weights, penalties and groups."""
    g = _Graph(rng)
    left, right = g.document.add_input("left"), g.document.add_input("right")
    a = g.node("Gemm", left, g.weight("a", 3, 5), g.weight("a_bias", 5))
    b = g.node("Gemm", right, g.weight("b", 2, 5))
    h = g.node("Gelu", g.node("Sum", a, b))
    kind = g.node("LogSoftmax", g.node("Gemm", h, g.weight("kind", 5, 4)), axis=1)
    mean = g.node("Gemm", h, g.weight("mean", 5, 1))
    spread = g.node("Softplus", g.node("Gemm", h, g.weight("spread", 5, 1)))
    flag = g.node("Gemm", h, g.weight("flag", 5, 2))
    classes = g.document.add_parameter(
        "per_class", np.array([1, 2, 1, 0.5], np.float32), trainable=False
    )
    positive = g.document.add_parameter("positive", np.array([3, 1], np.float32), trainable=False)
    losses: list[dict[str, Any]] = [
        {"kind": "nll", "prediction": kind, "target": "kind_y", "class_weight": classes},
        {"kind": "gaussian-nll", "prediction": mean, "target": "mean_y", "variance": spread,
         "weight": 0.5},
        {"kind": "bce-with-logits", "prediction": flag, "target": "flag_y", "reduction": "sum",
         "pos_weight": positive},
    ]  # fmt: skip
    draw = {
        "left": lambda n: _draw(rng, n, 3), "right": lambda n: _draw(rng, n, 2),
        "kind_y": lambda n: rng.integers(4, size=n), "mean_y": lambda n: _draw(rng, n, 1),
        "flag_y": lambda n: rng.integers(2, size=(n, 2)).astype(np.float32),
    }  # fmt: skip
    groups = [{"parameters": ["mean"], "learning_rate": 1e-4}]
    return g.finish(
        [kind, mean, flag], losses, draw,
        optimizer={"kind": "adamw", "learning_rate": 0.01, "groups": groups},
        regularization=[{"parameter": "a", "l2": 0.01}],
    )  # fmt: skip


def upsampled(rng: Generator) -> Subject:
    """A mask of pixels, down by a convolution and up by a transposed one, with a skip."""
    g = _Graph(rng)
    x = g.document.add_input("x")
    down = g.node("Relu", g.node("Conv", x, g.weight("down", 4, 1, 3, 3), strides=[2, 2],
                                 pads=[1, 1, 1, 1]))  # fmt: skip
    up = g.node("ConvTranspose", down, g.weight("up", 4, 2, 2, 2), strides=[2, 2])
    both = g.node("Concat", up, g.node("AveragePool", x, kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
                  axis=1)  # fmt: skip
    out = g.node("Conv", both, g.weight("out", 1, 3, 1, 1))
    loss = {"kind": "bce-with-logits", "prediction": out, "target": "y"}
    draw = {
        "x": lambda n: _draw(rng, n, 1, 6, 6),
        "y": lambda n: rng.binomial(1, 0.2, (n, 1, 6, 6)).astype(np.float32),
    }  # fmt: skip
    return g.finish([out], [loss], draw)


def shaped(rng: Generator) -> Subject:
    """Operators that read shapes from the graph: Expand, Tile, Pad, Split, Where, CumSum."""
    g = _Graph(rng)
    x = g.document.add_input("x")
    wide = g.node("Tile", g.node("Unsqueeze", x, g.shape(1)), g.shape(1, 2, 1))
    padded = g.node("Pad", wide, g.shape(0, 0, 1, 0, 0, 1))
    summed = g.node("CumSum", padded, g.document.add_node(
        "Constant", [], layer="axis", attributes={"value_int": 2}))  # fmt: skip
    moved = g.node("Expand", g.weight("shift", 1, 2, 1), g.shape(1, 2, 6))
    flat = g.node("Flatten", g.node("Add", summed, moved), axis=1)
    first, second = g.document.add_outputs(
        "Split", [flat], ["first", "second"], layer="split", name="split",
        attributes={"axis": 1, "num_outputs": 2},
    )  # fmt: skip
    best = g.node("Where", g.node("Greater", first, second), first, second)
    out = g.node("Gemm", best, g.weight("head", 6, 1))
    loss = {"kind": "mse", "prediction": g.node("Squeeze", out, g.shape(1)), "target": "y"}
    draw = {"x": lambda n: _draw(rng, n, 4), "y": lambda n: _draw(rng, n)}
    return g.finish([out], [loss], draw)


def shards(rng: Generator) -> Subject:
    """Data in folders of files; for runs in folders."""
    subject = dense(rng)
    for name in ("x", "y"):
        whole = subject.arrays.pop(f"data/{name}.npy")
        subject.document["data"][name] = f"data/{name}"
        for number, part in enumerate(np.array_split(whole, 3)):
            subject.arrays[f"data/{name}/{number}.npy"] = part
    return subject


MAKERS = (
    dense, classes, binary, image, wave, lstm, gru, attention, fused, several, upsampled, shaped,
    shards,
)  # fmt: skip


def zoo() -> dict[str, Subject]:
    """Return the runs by name, the same every time."""
    return {make.__name__: make(np.random.default_rng(7)) for make in MAKERS}
