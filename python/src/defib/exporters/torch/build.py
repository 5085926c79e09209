"""Exports any torch.nn.Module that torch.fx or torch.export can trace."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import fx, nn

from ..._errors import ExportError, UnfaithfulExport
from ..arrays import named_arrays
from ..document import RunDocument
from ..settings import Settings, add_data, add_initial, add_training
from ..snapshots import add_snapshots
from . import loss as torch_loss
from . import optimizer as torch_optimizer
from . import scheduler as torch_scheduler
from .composites import FORWARDS
from .entries import read
from .exported import export
from .graph import write
from .inputs import WRAPPERS, forward_names, input_names
from .lowering import Lowering
from .parameters import add_parameters, add_unmoved, held_values, precision
from .proof import Prover
from .refusal import MisfitError, RefusalError
from .runner import Runner
from .shapes import BATCHES, example, shapes
from .suspects import hooks_after, suspects, without_hooks
from .trace import TraceError, Tracer, trace
from .transformers import without_packing
from .undisturbed import (
    Draws,
    WithoutCoins,
    same_attributes,
    same_random_numbers,
    without_checks,
)
from .unlisted import Registry, named_tensors
from .unwrap import own_dtype, training_mode, unwrap


def build(model: nn.Module, x: Any, y: Any, settings: Settings) -> RunDocument:
    """Build the run of a module; the module's state and modes stay as they are.

    Raises:
        ExportError: the module cannot be traced, or holds operators that a run does not know.
        UnfaithfulExport: a small batch showed that the run computes something else.
    """
    model = unwrap(model)
    with training_mode(model, settings.mode == "train"):
        try:
            return _attempt(model, x, y, settings, exported=False)
        except (TraceError, RefusalError, MisfitError, UnfaithfulExport) as error:
            # torch.export follows Python where fx cannot, and takes more functions apart.
            try:
                return _attempt(model, x, y, settings, exported=True)
            except (RefusalError, MisfitError, UnfaithfulExport) as refused:
                if isinstance(error, TraceError):
                    raise refused from error
                raise error from None
            except TraceError as second:
                if not isinstance(error, TraceError):
                    raise error from None
                if second.branches:
                    raise ExportError(
                        _BRANCHES.format(error.inside or "the model", second.branches)
                    ) from error
                raise ExportError(f"{error}. By {second}") from error


def _attempt(
    model: nn.Module, x: Any, y: Any, settings: Settings, *, exported: bool
) -> RunDocument:
    """Build the run by one way of tracing, and prove it."""
    after = hooks_after(model)
    if after and settings.verify:
        raise UnfaithfulExport(
            f"the model has {', '.join(after)}, and what it does to the gradient cannot be seen. "
            "Remove it for the export (handle.remove()), or pass verify=False where it changes no "
            "gradient, as an optimizer that steps there"
        )
    found = suspects(model)
    if found and not exported and not settings.verify:
        raise TraceError("torch.fx does not see hooks")
    # Hooks that only observe would be given stand-ins for tensors. The proof covers those that
    # change something.
    hooks = contextlib.nullcontext() if exported else without_hooks(model)
    with torch.enable_grad(), without_checks():
        with same_random_numbers(), same_attributes(model), hooks, WithoutCoins():
            builder = _Builder(model, x, settings)
            draws = Draws()
            document = builder.build(y, exported=exported)
            drawn = draws.drawn()
        if drawn:
            raise TraceError(_DRAWS.format(" and ".join(drawn)))
        if settings.verify:
            Prover(builder.runner(), document, [*found, *builder.met]).prove()
    return document


_BRANCHES = (
    "{}: forward goes one way or another by the size of the batch or by values of a tensor ({}), "
    "and a graph has one way for every batch; put a layer in its place that treats all batches "
    "alike, as nn.BatchNorm1d for a batch normalization in parts, or write torch.where for an if"
)

_DRAWS = (
    "forward draws random numbers from {}, which a replay cannot repeat; make it depend on "
    "self.training and export with mode='eval'"
)


class _Builder:
    """One attempt at a run."""

    def __init__(self, model: nn.Module, x: Any, settings: Settings) -> None:
        self.model, self.settings = model, settings
        self.document = RunDocument("pytorch", str(torch.__version__).split("+")[0])
        self.names, self.constants = input_names(model, x)
        # torch.nn's own modules call their argument `input`; the user calls it x.
        own = self.names == ["input"]
        self.root, self.prefix = _root(model, len(self.names))
        self.tensors, self.ids = add_parameters(self.document, self.root, self.prefix)
        self.registry = Registry(self.root)
        inputs = [self.document.add_input("x" if own else name) for name in self.names]
        if isinstance(x, Mapping):
            x = [x[name] for name in self.names]
        self.arrays = named_arrays(x, inputs, "x")
        self.outputs: dict[str, str] = {}
        #: what the tracing found that a graph does not show
        self.met: list[str] = []

    def build(self, y: Any, *, exported: bool) -> RunDocument:
        document, settings = self.document, self.settings
        outputs = self.outputs = self._graph(exported)
        targets = add_data(document, self.arrays, y, settings)
        chosen = settings.optimizer
        if chosen is None:
            chosen = torch_scheduler.optimizer_of(settings.scheduler)
        add_training(
            document,
            replace(
                torch_loss.prepared(settings, outputs, self.runner(), document, targets),
                scheduler=None,
            ),
            outputs=outputs,
            targets=targets,
            reader=read,
            optimizer=_optimizer(document, chosen, self.ids),
        )
        # Without a size, updates on batches would pass for updates on all rows.
        told = {"steps", "epochs"} & set(document.training) or document.history
        taken = torch_optimizer.updates(chosen)
        if taken and "batch_size" in document.training and not told:
            document.training["steps"] = taken
        if settings.scheduler is not None:
            torch_scheduler.add(document, settings.scheduler, chosen)
        torch_loss.complete(document, self.runner(), y, targets)
        half = precision(self.model)
        if half is not None:
            document.training["precision"] = half
        ignored = [*self.model.state_dict(), *named_tensors(self.model)]
        if settings.initial is not None:
            add_initial(document, self._held(settings.initial, "initial"), ignored)
            add_unmoved(document)
        add_snapshots(document, settings.snapshots, lambda s: self._held(s, "a snapshot"), ignored)
        return document

    def runner(self) -> Runner:
        """Return what runs the model itself on a few rows."""
        outputs = list(self.outputs.values())
        return Runner(self.model, self.names, outputs, self.ids, self.settings.loss)

    def _held(self, state: Any, what: str) -> Mapping[str, Any]:
        return held_values(state, self.model, self.ids, what)

    def _graph(self, exported: bool) -> dict[str, str]:
        """Write the graph into the run; return what the user calls the outputs -> tensor."""
        fed = dict(zip(self.names, self.arrays.values(), strict=True))
        placeholders = dict(zip(self.names, self.document.inputs, strict=True))
        order = self.names
        if not self.prefix:
            order = [n for n in forward_names(self.model) if n in fed or n in self.constants]
        root, graph = self._trace(exported, order, fed)
        if exported:  # constants feed no placeholder there
            order = [name for name in order if name in fed]
        feeds = [fed.get(name) for name in order]
        defaults = [self.constants.get(name) for name in order]
        return write(
            Lowering(
                self.document, root, graph, self.tensors, self.prefix, self.registry, self.ids
            ),
            [placeholders.get(name) for name in order],
            lambda: shapes(root, graph, feeds, defaults),
        )

    def _trace(self, exported: bool, order: list[str], fed: Any) -> tuple[nn.Module, fx.Graph]:
        if not exported:
            constants = {} if self.prefix else self.constants
            graph, self.met = trace(self.root, constants, self.registry)
            return self.registry.view(), graph
        kind, device = own_dtype(self.model), _device(self.model)
        known = inspect.signature(self.model.forward).parameters
        told = [
            name for name in order
            if name in fed or self.prefix or self.constants.get(name) is not known[name].default
        ]  # fmt: skip
        # What forward has a default for is left to it, as a dict of options is.
        examples = {
            name: example(fed[name], BATCHES[0], kind, False, device) if name in fed
            else self.constants.get(name)
            for name in told
        }  # fmt: skip
        with without_packing(self.names):
            module, graph, self.met = export(
                self.registry.exportable(), examples, by_name=told != order
            )
        if self.met and not self.settings.verify:
            raise ExportError(
                f"the model uses {', '.join(self.met)}, whose gradient is not traced; "
                "only a proof can tell whether that matters, so leave verify=True"
            )
        held = [node for node in graph.nodes if node.op == "placeholder"]
        for node, name in zip(held, told, strict=False):
            if name not in fed:
                graph.erase_node(node)
        return module, graph


def _device(model: nn.Module) -> str:
    return next((str(p.device) for p in model.parameters()), "cpu")


def _root(model: nn.Module, arguments: int) -> tuple[nn.Module, str]:
    """Wrap a model that is a module of torch.nn itself; return it with the name it then has."""
    if type(model) not in FORWARDS and not Tracer().is_leaf_module(model, ""):
        return model, ""
    name = type(model).__name__.lower()
    return WRAPPERS[arguments](name, model), name + "."


def _optimizer(
    document: RunDocument, optimizer: Any, ids: Mapping[int, str]
) -> Mapping[str, Any] | str | None:
    if isinstance(optimizer, torch.optim.Optimizer):
        trainable = [e["name"] for e in document.parameters if e.get("trainable", True)]
        return torch_optimizer.read(optimizer, ids, trainable)
    if optimizer is None or isinstance(optimizer, (str, Mapping)):
        return optimizer
    raise ExportError(
        f"optimizer is {type(optimizer).__name__}; expected a torch.optim.Optimizer or a dict"
    )
