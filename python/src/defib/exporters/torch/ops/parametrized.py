"""Functions behind torch.nn.utils.parametrizations."""

from __future__ import annotations

from torch import fx

from ...._errors import ExportError
from ..call import Call
from ..registry import function


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
