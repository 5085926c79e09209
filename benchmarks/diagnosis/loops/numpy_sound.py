"""Sound loops in NumPy: the hand-written backward pass as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from .numpy_faults import Numpy
from .told import Told

NETWORKS = [
    Numpy("table", "tanh", 0.1, 40),
    Numpy("blobs", "relu", 0.1, 20),
    Numpy("spirals", "relu", 0.1, 30, momentum=0.9),
    Numpy("spirals", "sigmoid", 0.3, 60, momentum=0.9),
    Numpy("friedman", "tanh", 0.1, 30, twist="clips at 1"),
    Numpy("table", "relu", 0.1, 60, twist="decays each epoch"),
]


def _train(network: Numpy) -> Told:
    return Numpy(**{**vars(network), "weights": []}).train()


def loops() -> Iterator[tuple[str, Callable[[], Told]]]:
    """Yield the name of each loop, and what trains it."""
    for n in NETWORKS:
        what = n.twist.replace(" ", "-") or ("momentum" if n.momentum else "plain")
        yield f"numpy-{what}-{n.task}-{n.activation}", partial(_train, n)
