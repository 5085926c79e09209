"""A run under construction: its graph, arrays and settings. Every exporter fills one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .._errors import ExportError
from .._names import Names
from .arrays import Array


class Files:
    """Hands out file names: portable, unique, inside the run."""

    def __init__(self) -> None:
        self._names: dict[str, Names] = {}

    def path(self, folder: str, name: str) -> str:
        """Return `folder/name.npy` with everything but letters, digits and ._- replaced."""
        stem = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip(".")[:120] or "_"
        return f"{folder}/{self._names.setdefault(folder, Names(str.casefold)).unique(stem)}.npy"


class RunDocument:
    """The graph and the settings of one run, with the arrays that they name.

    Names of tensors (inputs, parameters, what nodes write) share one space and are unique.
    """

    def __init__(self, framework: str, version: str) -> None:
        self.arrays: dict[str, Array] = {}
        self.inputs: list[str] = []
        self.nodes: list[dict[str, Any]] = []
        self.parameters: list[dict[str, Any]] = []
        self.outputs: list[str] = []
        #: layer -> the line of the user's code that calls it, as `models/net.py:12`
        self.sources: dict[str, str] = {}
        #: input or target -> what the user calls its columns, one name for each
        self.columns: dict[str, list[str]] = {}
        self.data: dict[str, str] = {}
        self.validation: dict[str, str] = {}
        self.losses: list[dict[str, Any]] = []
        self.training: dict[str, Any] = {}
        self.history: dict[str, dict[str, str]] = {}
        self.snapshots: list[dict[str, Any]] = []
        self.provenance = {"framework": framework, "version": version}
        #: what holds random numbers that forward draws, in the order of the calls: an input, with
        #: what draws those of so many rows of a part (0: training, 1: validation); or a parameter,
        #: with its array
        self.noise: dict[str, Callable[[int, int], Array] | Array] = {}
        #: losses as the script calls them, with the indices of the entries that they became
        self.own_losses: list[tuple[Any, tuple[int, ...]]] = []
        self._names, self._files = Names(), Files()

    # -- graph

    def add_input(self, name: str) -> str:
        """Add a tensor that the data feeds; return its name in the graph."""
        name = self._names.unique(name)
        self.inputs.append(name)
        return name

    def add_parameter(
        self,
        name: str,
        array: Array,
        *,
        trainable: bool = True,
        registered: bool = True,
        frozen: bool = False,
    ) -> str:
        """Add an array of weights; return its name in the graph.

        `registered` is False for one that the model does not list among its parameters; `frozen`
        is True for a parameter that the user keeps from training, which no buffer is.
        """
        name = self._names.unique(name)
        entry: dict[str, Any] = {"name": name, "file": self._store("weights", name, array)}
        if not trainable:
            entry["trainable"] = False
        if not registered:
            entry["registered"] = False
        if frozen:
            entry["frozen"] = True
        self.parameters.append(entry)
        return name

    def add_node(
        self,
        op: str,
        inputs: Sequence[str],
        *,
        layer: str,
        name: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> str:
        """Add an operator with one output; return the name of what it writes."""
        name = self._names.unique(name or layer)
        self.append(op, inputs, [name], name=name, layer=layer, attributes=attributes)
        return name

    def add_outputs(
        self,
        op: str,
        inputs: Sequence[str],
        outputs: Sequence[str | None],
        *,
        layer: str,
        name: str,
        attributes: Mapping[str, Any] | None = None,
    ) -> list[str]:
        """Add an operator with several outputs; None leaves one out, which stays "" in the result.

        Trailing outputs that are not needed can be omitted.
        """
        written = ["" if output is None else self._names.unique(output) for output in outputs]
        name = written[0] if name == outputs[0] else self._names.unique(name)
        self.append(op, inputs, written, name=name, layer=layer, attributes=attributes)
        return written

    def append(
        self,
        op: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        *,
        name: str,
        layer: str,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """Add an operator under names that the caller knows to be unique."""
        node: dict[str, Any] = {
            "name": name, "op": op, "inputs": list(inputs), "outputs": list(outputs),
        }  # fmt: skip
        if attributes:
            node["attributes"] = dict(attributes)
        node["layer"] = layer
        self.nodes.append(node)

    # -- data and settings

    def add_data(self, name: str, array: Array) -> None:
        """Give an input or a target its array."""
        self.data[name] = self._store("data", name, array)

    def name_columns(self, columns: Mapping[str, list[str]]) -> None:
        """Take over what the user calls the columns of arrays, where each has its name."""
        for name, names in columns.items():
            if name not in self.data or name in self.columns:
                continue
            shape = self.arrays[self.data[name]].shape
            if len(shape) <= 2 and len(names) == (shape[1] if len(shape) == 2 else 1):
                self.columns[name] = names

    def add_data_with_own_name(self, wanted: str, array: Array) -> str:
        """Add an array of the data that is neither input nor target; return its name."""
        name = wanted
        while name in self.data or name in self.inputs:
            name += "_"
        self.add_data(name, array)
        return name

    def add_validation(self, name: str, array: Array) -> None:
        """Give an input or a target its validation array."""
        self.validation[name] = self._store("validation", name, array)

    def add_initial(self, parameter: str, array: Array) -> None:
        """Give a parameter the value that it had before the training."""
        entry = next(entry for entry in self.parameters if entry["name"] == parameter)
        now = self.arrays[entry["file"]].shape
        if array.shape != now:
            raise ExportError(
                f"initial: {parameter} has shape {array.shape}; expected {now}, as it has now"
            )
        entry["initial"] = self._store("initial", parameter, array)

    def add_history(self, name: str, array: Array, per: str) -> None:
        """Add a series of the training, one value per "epoch" or "step"."""
        self.history[name] = {"file": self._store("history", name, array), "per": per}

    def add_snapshot(self, step: int, arrays: Mapping[str, Array]) -> None:
        """Add the values of parameters after so many updates, more than those before it."""
        for name, array in arrays.items():
            now = self.array_of(name).shape
            if array.shape != now:
                raise ExportError(
                    f"the snapshot of step {step}: {name} has shape {array.shape}; expected {now}, "
                    "as it has now"
                )
        folder = f"snapshots/{step}"
        parameters = {name: self._store(folder, name, array) for name, array in arrays.items()}
        self.snapshots.append({"step": step, "parameters": parameters})

    def array_of(self, parameter: str) -> Array:
        """Return the array of a parameter."""
        entry = next(entry for entry in self.parameters if entry["name"] == parameter)
        return self.arrays[entry["file"]]

    def _store(self, folder: str, name: str, array: Array) -> str:
        path = self._files.path(folder, name)
        self.arrays[path] = array
        return path

    # -- result

    def to_dict(self) -> dict[str, Any]:
        """Return the content of run.json."""
        graph: dict[str, Any] = {
            "inputs": self.inputs,
            "nodes": self.nodes,
            "parameters": self.parameters,
            "outputs": self.outputs,
        }
        layers = {node["layer"] for node in self.nodes}
        sources = {layer: line for layer, line in self.sources.items() if layer in layers}
        if sources:
            graph["sources"] = sources
        if self.columns:
            graph["columns"] = self.columns
        document: dict[str, Any] = {
            "format": "defib-run", "version": 1, "graph": graph, "data": self.data,
        }  # fmt: skip
        for key in ("validation", "losses", "training", "history", "snapshots"):
            if getattr(self, key):
                document[key] = getattr(self, key)
        document["provenance"] = self.provenance
        return document

    def to_json(self) -> str:
        """Return the text of run.json, the same on disk and in memory."""
        try:
            return json.dumps(self.to_dict(), indent=2, allow_nan=False, default=_plain) + "\n"
        except ValueError as error:
            raise ExportError(f"a training setting is not finite: {error}") from error


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise ExportError(f"a training setting is {value!r}; expected a number, a text or a list")
