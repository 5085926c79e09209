"""The gates of recurrent layers, which every framework lays out in an order of its own."""

from __future__ import annotations

from collections.abc import Sequence

from .document import RunDocument


def ordered(
    document: RunDocument, tensor: str, gates: Sequence[int], *, layer: str, name: str
) -> str:
    """Bring the gates along axis 0 of a tensor into another order; return the tensor's name.

    `gates[i]` says where the gate that comes to place i lies now. The gradient of the parameter
    comes back in the order of the user.
    """
    if list(gates) == list(range(len(gates))):
        return tensor
    parts = document.add_outputs(
        "Split", [tensor], [f"{layer}/{name}/gate{i}" for i in range(len(gates))],
        layer=layer, name=f"{layer}/{name}/gates",
        attributes={"axis": 0, "num_outputs": len(gates)},
    )  # fmt: skip
    return document.add_node(
        "Concat", [parts[i] for i in gates], layer=layer, name=f"{layer}/{name}/ordered",
        attributes={"axis": 0},
    )  # fmt: skip
