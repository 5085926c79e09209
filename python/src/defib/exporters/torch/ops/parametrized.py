"""Functions behind torch.nn.utils.parametrizations."""

from __future__ import annotations

from typing import Any

from torch import fx
from torch.nn.utils import parametrizations

from ...._errors import ExportError
from ..call import Call
from ..registry import function, module
from .reductions import norm, reduce


@function("_weight_norm")
def _weight_norm(call: Call, v: fx.Node, g: fx.Node, dim: int = 0) -> str:
    """Write g · v / ‖v‖, with one norm for every index of `dim`."""
    rank = call.rank(v)
    if rank == 0:
        raise ExportError("normalises a number")
    whole = dim == -1  # one norm for everything
    axes = [axis for axis in range(rank) if whole or axis != dim % rank]
    tensor = call.tensor(v)
    size = call.emit("ReduceL2", tensor, call.integers(axes, "axes"), part="norm", keepdims=1)
    unit = call.emit("Div", tensor, size, part="direction")
    return call.emit("Mul", unit, call.tensor(g))


function("_weight_norm_interface")(lambda call, v, g, dim=0: (_weight_norm(call, v, g, dim), None))


@module(parametrizations._SpectralNorm)
def _spectral_norm(call: Call, owner: Any, weight: Any) -> str:
    """Divide a weight by its largest singular value, as the kept vectors of both sides tell it.

    In training they take a step of the power method before each forward, without a gradient.
    """
    held, shape = call.tensor(weight), [int(n or 0) for n in call.shape(weight)]
    if len(shape) == 1:
        size = norm(call, held, 2, [0], True, "size")
        bound = call.emit("Max", size, call.number(float(owner.eps), "eps"), part="bounded")
        return call.emit("Div", held, bound)
    order = [owner.dim, *(axis for axis in range(len(shape)) if axis != owner.dim)]
    turned = call.transpose(held, order, "turned") if owner.dim else held
    rows = shape[owner.dim]
    matrix = call.reshape(turned, [rows, -1], "matrix")
    back = call.emit("Transpose", matrix, part="back", perm=[1, 0])
    u, v = (call.reshape(str(call.param(name)), [-1, 1], f"{name}/column") for name in ("_u", "_v"))
    for step in range(owner.n_power_iterations if owner.training else 0):
        u = _unit(call, call.emit("MatMul", matrix, v, part=f"step{step}/u"), owner.eps)
        v = _unit(call, call.emit("MatMul", back, u, part=f"step{step}/v"), owner.eps)
    product = call.emit("Mul", u, call.emit("MatMul", matrix, v, part="product"), part="terms")
    largest = reduce(call, "ReduceSum", product, [0, 1], False, "sigma")
    return call.emit("Div", held, largest)


def _unit(call: Call, column: str, eps: float) -> Any:
    """Give a column the length 1, and stop its gradient."""
    size = norm(call, column, 2, [0], True, "length")
    bound = call.emit("Max", size, call.number(float(eps), "length/least"), part="length/bounded")
    return call.emit("StopGradient", call.emit("Div", column, bound, part="unit"), part="stopped")
