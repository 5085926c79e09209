"""Resizing and uneven pooling: linear maps along one axis after the other.

ONNX's Resize is not part of a run. Each of its modes, and adaptive average pooling, is a constant
matrix along every axis, which torch itself gives when it resizes the unit vectors.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F  # noqa: N812

from ...._errors import ExportError
from ...nodes import Named
from ..call import Call
from ..registry import aten, function, module

_LINEAR = {
    "linear": "bilinear", "bilinear": "bilinear", "trilinear": "bilinear", "bicubic": "bicubic",
    "area": "area",
}  # fmt: skip


def along(call: Call, tensor: str, rank: int, axis: int, matrix: torch.Tensor, part: str) -> Named:
    """Apply a constant matrix (after, before) along an axis of a tensor with `rank` axes."""
    last = axis == rank - 1
    held = call.constant((matrix.T if last else matrix).float().numpy(), f"{part}/matrix")
    if last:
        return call.emit("MatMul", tensor, held, part=part)
    if axis == rank - 2:
        return call.emit("MatMul", held, tensor, part=part)
    order = [i for i in range(rank) if i != axis] + [axis]
    turned = call.transpose(tensor, order, f"{part}/turned")
    flipped = call.constant(matrix.T.float().contiguous().numpy(), f"{part}/turned/matrix")
    product = call.emit("MatMul", turned, flipped, part=f"{part}/product")
    return call.transpose(product, [order.index(i) for i in range(rank)], part)


def pool_unevenly(call: Call, input: fx.Node, after: list[int]) -> Named:
    """Write an adaptive average pooling whose windows differ in size."""
    tensor = Named(call.tensor(input))
    rank = call.rank(input)
    for axis, length in enumerate(after, rank - len(after)):
        before = int(call.shape(input)[axis] or 0)
        if before != length:
            unit = torch.eye(before)[None]
            matrix = F.adaptive_avg_pool1d(unit, length)[0].T
            tensor = along(call, tensor, rank, axis, matrix, f"axis{axis}")
    return tensor


@function("interpolate", "upsample")
def _interpolate(
    call: Call, input: fx.Node, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
    align_corners: Any = None, recompute_scale_factor: Any = None, antialias: bool = False,
) -> str:  # fmt: skip
    if mode not in _LINEAR and mode not in ("nearest", "nearest-exact"):
        raise ExportError(f"resizes in mode {mode!r}, which cannot be exported")
    tensor, rank, out = Named(call.tensor(input)), call.rank(input), call.out()
    for axis in range(2, rank):
        before, after = int(call.shape(input)[axis] or 0), int(out[axis] or 0)
        scale = call.value(scale_factor)
        if isinstance(scale, list):
            scale = scale[axis - 2]
        if recompute_scale_factor or size is not None:
            scale = None
        if mode not in _LINEAR:
            places = _resized(torch.arange(before).float()[None, None, :, None], after, scale, mode)
            index = call.integers([int(i) for i in places.reshape(-1)], f"axis{axis}/places")
            tensor = call.emit("Gather", tensor, index, part=f"axis{axis}", axis=axis)
            continue
        if before == after and scale in (None, 1):
            continue
        # Two wide: torch 2.13 smooths along the wrong axis where one is 1 wide.
        units = torch.eye(before).reshape(1, before, before, 1).repeat(1, 1, 1, 2)
        resized = _resized(units, after, scale, _LINEAR[mode], align_corners, antialias)
        tensor = along(call, tensor, rank, axis, resized[0, :, :, 0].T, f"axis{axis}")
    return tensor


def _resized(
    units: torch.Tensor, after: int, scale: Any, mode: str, align_corners: Any = None,
    antialias: bool = False,
) -> torch.Tensor:  # fmt: skip
    """Resize axis 2 of (1, channels, length, width) as torch does."""
    corners = align_corners if mode in ("bilinear", "bicubic") else None
    given: Any = {"mode": mode, "align_corners": corners, "antialias": antialias}
    if scale is None:
        return F.interpolate(units, size=(after, units.shape[3]), **given)
    return F.interpolate(units, scale_factor=(scale, 1.0), **given)


@module(nn.Upsample, nn.UpsamplingNearest2d, nn.UpsamplingBilinear2d)
def _upsample(call: Call, owner: Any, input: fx.Node) -> str:
    return _interpolate(
        call, input, owner.size, owner.scale_factor, owner.mode, owner.align_corners,
        owner.recompute_scale_factor,
    )  # fmt: skip


def _register(mode: str, names: tuple[str, ...], antialias: bool = False) -> None:
    @aten(*names)
    def _sized(call: Call, input: fx.Node, output_size: Any, *rest: Any) -> str:
        """Take what is left of F.interpolate in aten: corners, then the scale of every axis."""
        corners = next((part for part in rest if isinstance(part, bool)), None)
        scales = [part for part in rest if part is not None and not isinstance(part, bool)]
        scale = list(scales[0]) if scales and isinstance(scales[0], (list, tuple)) else scales
        size = None if scale else output_size
        return _interpolate(call, input, size, scale or None, mode, corners, antialias=antialias)


for _mode, _name, _dims in (
    ("nearest", "nearest", (1, 2, 3)), ("nearest-exact", "nearest_exact", (1, 2, 3)),
    ("linear", "linear", (1,)), ("bilinear", "bilinear", (2,)), ("trilinear", "trilinear", (3,)),
    ("bicubic", "bicubic", (2,)),
):  # fmt: skip
    _names = tuple(f"{'_' if 'exact' in _name else ''}upsample_{_name}{d}d" for d in _dims)
    _register(_mode, _names)
for _name in ("bilinear", "bicubic"):
    _register(_name, (f"_upsample_{_name}2d_aa",), antialias=True)
