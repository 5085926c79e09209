"""The changes, by concern. Each is a function of a random state and a run; it changes the run.

A change that has nothing to work on leaves the run as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from ..subject import Subject
from . import arrays, detours, graph, settings, tree

Mutation = Callable[[Random, Subject], None]

_MODULES = (arrays, detours, graph, settings, tree)
_LISTED = [
    (f"{module.__name__.rpartition('.')[2]}.{function.__name__}", function)
    for module in _MODULES
    for function in module.ALL
]

MUTATIONS: dict[str, Mutation] = dict(_LISTED)

#: The names to draw from: what gets past the first checks stands there more than once.
DRAWN = [name for name, _ in _LISTED]
