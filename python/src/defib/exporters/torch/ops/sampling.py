"""Pictures read at places that are computed, as a spatial transformer does."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import fx

from ...._errors import ExportError
from ..call import Call
from ..registry import aten, function

_PADDINGS = ("zeros", "border")


class _Axis:
    """One coordinate of every place: its two neighbours on the grid and what each weighs."""

    def __init__(
        self, call: Call, given: str, name: str, length: int, corners: bool, padding: str
    ) -> None:
        self.call, self.name, self.last = call, name, float(length - 1)
        # Coordinates are from -1 to 1, between the centres of the outer pixels or their edges.
        scale = (length - 1) / 2 if corners else length / 2
        place = self._emit("Mul", given, self._number(scale, "scale"), part="scaled")
        place = self._emit("Add", place, self._number((length - 1) / 2, "middle"), part="place")
        if padding == "border":
            place = self._inside(place, "place/inside")
        lower = self._emit("Floor", place, part="lower")
        share = self._emit("Sub", place, lower, part="share")
        one = self._number(1.0, "one")
        self.sides = [
            (lower, self._emit("Sub", one, share, part="rest")),
            (self._emit("Add", lower, one, part="upper"), share),
        ]

    def _emit(self, op: str, *inputs: str, part: str) -> str:
        return self.call.emit(op, *inputs, part=f"{self.name}/{part}")

    def _number(self, value: float, part: str) -> str:
        return self.call.number(value, f"{self.name}/{part}")

    def _inside(self, place: str, part: str) -> str:
        bounds = self._number(0.0, f"{part}/first"), self._number(self.last, f"{part}/last")
        return self._emit("Clip", place, *bounds, part=part)

    def side(self, number: int) -> tuple[str, str]:
        """Return the index of a neighbour, and its weight: 0 where it lies outside."""
        index, weight = self.sides[number]
        inside = self._inside(index, f"side{number}")
        same = self._emit("Equal", index, inside, part=f"side{number}/is")
        there = self.call.emit("Cast", same, part=f"{self.name}/side{number}/there", to=1)
        return inside, self._emit("Mul", weight, there, part=f"side{number}/weight")


@function("grid_sample")
def _grid_sample(
    call: Call, input: fx.Node, grid: fx.Node, mode: str = "bilinear", padding_mode: str = "zeros",
    align_corners: Any = None,
) -> str:  # fmt: skip
    shape, out = call.shape(input), call.out()
    if len(shape) != 4 or mode != "bilinear" or padding_mode not in _PADDINGS:
        raise ExportError(
            f"samples {len(shape) - 2} axes, {mode}, with padding {padding_mode!r}; pictures, "
            "bilinear, with zeros or the border can be replayed"
        )
    if None in shape[1:] or None in out[1:]:
        raise ExportError("samples pictures of no fixed size")
    channels, height, width = (int(length or 1) for length in shape[1:])
    count = int(out[2] or 1) * int(out[3] or 1)
    places = call.tensor(grid)
    axes = []
    for number, (name, length) in enumerate((("x", width), ("y", height))):
        given = call.emit("Gather", places, call.integer(number, f"{name}/number"), part=name,
                          axis=3)  # fmt: skip
        flat = call.reshape(given, [0, 1, count], f"{name}/flat")
        axes.append(_Axis(call, flat, name, length, bool(align_corners), padding_mode))
    pixels = call.reshape(call.tensor(input), [0, channels, height * width], "pixels")
    row, total = call.number(float(width), "row"), ""
    for j in (0, 1):
        for i in (0, 1):
            corner = f"corner{j}{i}"
            (x, left), (y, up) = axes[0].side(i), axes[1].side(j)
            index = call.emit("Add", call.emit("Mul", y, row, part=f"{corner}/row"), x,
                              part=f"{corner}/index")  # fmt: skip
            wide = call.emit("Expand", index, call.integers([1, channels, 1], f"{corner}/lengths"),
                             part=f"{corner}/wide")  # fmt: skip
            found = call.emit("GatherElements", pixels, wide, part=f"{corner}/found", axis=2)
            weight = call.emit("Mul", left, up, part=f"{corner}/weight")
            part = call.emit("Mul", found, weight, part=corner)
            total = part if not total else call.emit("Add", total, part, part=f"{corner}/total")
    return call.reshape(total, [0, channels, int(out[2] or 1), int(out[3] or 1)])


@aten("grid_sampler", "grid_sampler_2d")
def _grid_sampler(
    call: Call, input: fx.Node, grid: fx.Node, mode: int, padding: int, align_corners: Any
) -> str:
    modes, paddings = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")
    return _grid_sample(call, input, grid, modes[mode], paddings[padding], align_corners)


@function("affine_grid")
@aten("affine_grid_generator")
def _affine_grid(call: Call, theta: fx.Node, size: Any, align_corners: Any = False) -> str:
    out = call.out()
    if len(out) != 4:
        raise ExportError("makes a grid of other than two axes")
    height, width = int(out[1] or 1), int(out[2] or 1)
    lines = []
    for length in (width, height):
        line = np.linspace(-1, 1, length) if length > 1 else np.zeros(1)
        lines.append(line if align_corners else line * (length - 1) / length)
    x, y = np.meshgrid(*lines)
    base = np.stack([x.ravel(), y.ravel(), np.ones(height * width)]).astype(np.float32)
    grid = call.emit("MatMul", call.tensor(theta), call.constant(base, "base"), part="moved")
    return call.reshape(call.transpose(grid, [0, 2, 1]), [-1, height, width, 2])
