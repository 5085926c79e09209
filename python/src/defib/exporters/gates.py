"""The gates of recurrent layers, which every framework lays out in an order of its own."""

from __future__ import annotations

from collections.abc import Sequence

from .nodes import NodeWriter


def ordered(writer: NodeWriter, tensor: str, gates: Sequence[int], part: str) -> str:
    """Bring the gates along axis 0 of a tensor into another order; return the tensor's name.

    `gates[i]` is the present place of the gate that moves to place i. The gradient of the parameter
    comes back in the user's order.
    """
    if list(gates) == list(range(len(gates))):
        return tensor
    parts = writer.emit_several(
        "Split", tensor, parts=[f"{part}/gate{i}" for i in range(len(gates))],
        part=f"{part}/gates", axis=0, num_outputs=len(gates),
    )  # fmt: skip
    return writer.emit("Concat", *(parts[i] for i in gates), part=f"{part}/ordered", axis=0)
