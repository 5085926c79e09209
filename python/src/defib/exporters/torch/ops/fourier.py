"""Fourier transforms: products with tables of cosines and sines. Complex values are pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import fx

from ...._errors import ExportError
from ..call import Call
from ..registry import function

#: Lengths of an axis beyond this make tables that are too large.
_LONGEST = 2048


@dataclass(frozen=True)
class Complex:
    """The tensors of the real and the imaginary part; "" stands for none at all."""

    real: str
    imaginary: str


def _pair(call: Call, input: fx.Node) -> Complex:
    held = call.lowering.names.get(input)
    return held if isinstance(held, Complex) else Complex(call.tensor(input), "")


def _along(call: Call, held: Complex, axis: int, length: int, kept: int, part: str) -> Complex:
    """Transform one axis, of which the first `kept` frequencies stay."""
    angle = 2 * np.pi * np.outer(np.arange(length), np.arange(kept)) / length
    tables = [
        call.constant(table.astype(np.float32), f"{part}/{name}")
        for name, table in (("cosine", np.cos(angle)), ("sine", -np.sin(angle)))
    ]
    rank = len(call.shape(call.node.args[0]))
    order = [*(each for each in range(rank) if each != axis), axis]
    back = [order.index(each) for each in range(rank)]

    def product(tensor: str, table: str, name: str) -> str:
        moved = call.transpose(tensor, order)
        made = call.emit("MatMul", moved, table, part=f"{part}/{name}")
        return call.transpose(made, back)

    real, imaginary = product(held.real, tables[0], "a"), product(held.real, tables[1], "b")
    if not held.imaginary:
        return Complex(real, imaginary)
    more, other = (
        product(held.imaginary, table, name) for table, name in zip(tables, "cd", strict=True)
    )
    return Complex(
        call.emit("Sub", real, other, part=f"{part}/real"),
        call.emit("Add", imaginary, more, part=f"{part}/imaginary"),
    )


def _transformed(call: Call, input: fx.Node, axes: Sequence[int], half: bool, norm: Any) -> Complex:
    held, factor = _pair(call, input), 1.0
    for number, axis in enumerate(axes):
        length = call.shape(input)[axis]
        if length is None or length > _LONGEST:
            raise ExportError(f"transforms an axis of no fixed length up to {_LONGEST}")
        kept = length // 2 + 1 if half and number == 0 else length
        held = _along(call, held, axis, length, kept, f"axis{axis}")
        factor *= {None: 1.0, "backward": 1.0, "forward": 1 / length, "ortho": length**-0.5}[norm]
    if factor == 1.0:
        return held
    scale = call.number(factor, "scale")
    return Complex(
        call.emit("Mul", held.real, scale, part="real"),
        call.emit("Mul", held.imaginary, scale, part="imaginary"),
    )


def _forward(name: str, count: int, half: bool) -> None:
    """Register a transform of `count` axes, or of all that are named; None: of all."""

    @function(name, also=(getattr(torch.fft, name.removeprefix("fft_")),))
    def handle(
        call: Call, input: fx.Node, s: Any = None, dim: Any = None, norm: Any = None, **named: Any
    ) -> Any:
        s = named.get("n", s)
        if s is not None:
            raise ExportError("cuts or pads what it transforms; do that before")
        rank = call.rank(input)
        given = call.value(dim)
        if given is None or (count == 1 and dim is None):
            given = -1 if count == 1 else list(range(rank))[-count if count else 0 :]
        axes = [int(a) % rank for a in (given if isinstance(given, list) else [given])]
        return _transformed(call, input, axes[::-1], half, norm)


for _name, _count, _half in (
    ("fft_fft", 1, False), ("fft_rfft", 1, True), ("fft_fft2", 2, False), ("fft_rfft2", 2, True),
    ("fft_fftn", 0, False), ("fft_rfftn", 0, True),
):  # fmt: skip
    _forward(_name, _count, _half)


def magnitude(call: Call, held: Complex) -> str:
    """Write the distance from zero."""
    squares = [call.emit("Mul", part, part, part=f"square/{name}")
               for name, part in (("real", held.real), ("imaginary", held.imaginary))]  # fmt: skip
    return call.emit("Sqrt", call.emit("Add", *squares, part="squares"))


@function("real")
def _real(call: Call, input: fx.Node) -> str:
    return _pair(call, input).real


@function("imag")
def _imaginary(call: Call, input: fx.Node) -> str:
    return _pair(call, input).imaginary
