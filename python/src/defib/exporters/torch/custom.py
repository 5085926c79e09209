"""Losses that a script wrote itself: traced like a model, and written into the run as graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import fx, nn

from ..._errors import ExportError
from ..._lazy import rows_behind
from .. import loss_graph
from ..arrays import Array
from ..document import RunDocument
from .exported import export
from .graph import write
from .known import known
from .lowering import Lowering
from .parameters import add_parameters
from .refusal import RefusalError
from .shapes import BATCHES, example, shapes
from .structure import leaves, rebuilt
from .trace import TraceError, first_line, trace, without_readings
from .unlisted import Registry

Entry = loss_graph.Entry


@dataclass(frozen=True)
class Own:
    """A loss as the script calls it: `call(outputs, targets)`."""

    call: Callable[..., Any]
    #: names of the tensors that it takes of the model, in the order of their leaves
    outputs: tuple[str, ...]
    #: names of the targets likewise
    targets: tuple[str, ...]
    #: how the script holds both: the leaves are replaced
    held: Any
    wanted: Any
    #: whether whole numbers among the targets become floats before
    as_floats: bool
    weight: float = 1.0

    def __call__(self, tensors: Sequence[Any]) -> Any:
        """Call the loss with the tensors of its outputs, and then of its targets."""
        count = len(self.outputs)
        held = rebuilt(self.held, iter(tensors[:count]))
        return self.call(held, rebuilt(self.wanted, iter(tensors[count:])))

    def of(self, outputs: Mapping[str, torch.Tensor], targets: Mapping[str, Array]) -> torch.Tensor:
        """Return its value, a scalar.

        Raises:
            ValueError: it gives something else.
        """
        given = [outputs[name] for name in self.outputs]
        first = given[0]
        given += [target_of(targets[name], first, self.as_floats) for name in self.targets]
        result = self(given)
        if not isinstance(result, torch.Tensor) or result.numel() != 1:
            raise ValueError(f"gives {_described(result)}; a training needs one number")
        return self.weight * result.reshape(())


def target_of(array: Array, beside: torch.Tensor, as_floats: bool) -> torch.Tensor:
    """Return targets as a training loop would hand them over."""
    target = torch.as_tensor(np.ascontiguousarray(array)).to(beside.device)
    if as_floats or target.is_floating_point():
        return target.to(beside.dtype if beside.is_floating_point() else torch.float32)
    return target if target.dtype == torch.bool else target.long()


def _described(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    return f"{type(value).__name__}"


def name_of(call: Any) -> str:
    """Return what messages call a loss."""
    name = getattr(call, "__qualname__", type(call).__qualname__)
    return "a lambda" if "<lambda>" in name else str(name)


def fitting(
    call: Callable[..., Any], ways: Sequence[tuple[Any, Any, Sequence[str], Sequence[str]]],
    tensors: Mapping[str, torch.Tensor], targets: Mapping[str, Array],
) -> Own:  # fmt: skip
    """Find out how the script calls its loss: the first way that gives a number.

    Args:
        call: The loss.
        ways: What it may be given: outputs and targets as structures, and the names of leaves.
        tensors: Outputs of a few rows, by name.
        targets: Those rows of the targets.

    Raises:
        ExportError: none gives a number.
    """
    reason = ""
    for held, wanted, outputs, names in ways:
        for as_floats in (False, True):
            own = Own(call, tuple(outputs), tuple(names), held, wanted, as_floats)
            try:
                own.of(tensors, targets)
            except Exception as error:
                reason = reason or first_line(error)
            else:
                return own
    raise ExportError(
        f"loss {name_of(call)} fails on a few rows: {reason}. It is called "
        "as loss(output, target), with what forward returns and with y; wrap it in a function "
        "that takes these"
    )


class _Loss(nn.Module):
    """A loss as a module, so that it can be traced."""

    def __init__(self, own: Own) -> None:
        super().__init__()
        self.own = own
        if isinstance(own.call, nn.Module):
            self.loss = own.call

    def run(self, *tensors: Any) -> Any:
        """Call the loss."""
        return self.own(tensors)


#: By the number of tensors; fx asks a function for the names of its arguments.
_FORWARDS: dict[int, Callable[..., Any]] = {
    2: lambda self, a, b: self.run(a, b),
    3: lambda self, a, b, c: self.run(a, b, c),
    4: lambda self, a, b, c, d: self.run(a, b, c, d),
    5: lambda self, a, b, c, d, e: self.run(a, b, c, d, e),
    6: lambda self, a, b, c, d, e, f: self.run(a, b, c, d, e, f),
    7: lambda self, a, b, c, d, e, f, g: self.run(a, b, c, d, e, f, g),
    8: lambda self, a, b, c, d, e, f, g, h: self.run(a, b, c, d, e, f, g, h),
}


def entries(
    own: Own, document: RunDocument, tensors: Mapping[str, torch.Tensor],
    targets: Mapping[str, Array],
) -> list[Entry]:  # fmt: skip
    """Return the entries of run.json for a loss, whose constants go into the run.

    A loss that is one of the known kinds becomes that kind; any other one a graph.

    Raises:
        ExportError: it cannot be traced, or holds operators that a run does not know.
    """
    feeds = [_array(tensors[name]) for name in own.outputs]
    feeds += [_fed(targets[name], own.as_floats) for name in own.targets]
    if len(feeds) not in _FORWARDS:
        raise ExportError(
            f"loss {name_of(own.call)} takes {len(feeds)} tensors; up to {max(_FORWARDS)} can be "
            "traced"
        )
    root = type("Loss", (_Loss,), {"forward": _FORWARDS[len(feeds)]})(own)
    trained = [name for name, held in root.named_parameters() if held.requires_grad]
    if trained:
        names = ", ".join(name.removeprefix("loss.") for name in trained)
        raise ExportError(
            f"loss {name_of(own.call)} trains parameters of its own ({names}); make them part of "
            "the model and return what the loss needs of them as a further output"
        )
    try:
        try:
            return _attempt(own, root, document, feeds, exported=False)
        except (TraceError, RefusalError) as error:
            try:
                return _attempt(own, root, document, feeds, exported=True)
            except (TraceError, RefusalError):
                raise error from None
    except ExportError as error:
        text = str(error)
        for theirs, ours in _WORDS:
            text = text.replace(theirs, ours)
        raise ExportError(f"loss {name_of(own.call)}: {text}") from error


#: What messages say of models -> of losses.
_WORDS = (
    ("the model cannot be replayed", "it cannot be replayed"),
    ("export the part of the model without them", "pass one of the kinds of docs/losses.md"),
    ("the model: its forward", "it"), ("the path through it", "what it does"),
)  # fmt: skip


def _attempt(
    own: Own, root: nn.Module, document: RunDocument, feeds: Sequence[Array],
    *, exported: bool,
) -> list[Entry]:  # fmt: skip
    registry = Registry(root)
    small = RunDocument("pytorch", "")
    paths, ids = add_parameters(small, root, "")
    names = [small.add_input(name) for name in _names(own)]
    if exported:
        examples = {
            name: example(array, BATCHES[0], torch.float32, False, "cpu")
            for name, array in zip(names, feeds, strict=True)
        }
        held, graph, met = export(registry.exportable(), examples)
    else:
        graph, met = trace(root, {}, registry)
        without_readings(graph)
        held = registry.view()
    if met:
        raise ExportError(f"uses {', '.join(met)}, whose gradient is not traced")
    _refuse_trained(registry, graph, held)
    lowering = Lowering(small, held, graph, paths, "", registry, ids)
    lowering.labels = _labels(document, own.targets)
    outputs = write(lowering, list(names), lambda: shapes(held, graph, feeds, [None] * len(feeds)))
    _check(lowering, outputs)
    if not exported and len(feeds) == 2:
        entry = known(lowering, own, document)
        if entry is not None:
            return entry
    count = len(own.outputs)
    order = [names[0], names[count], *names[1:count], *names[count + 1 :]]
    made = loss_graph.entry(
        document, small, order, next(iter(outputs.values())), prediction=own.outputs[0],
        target=own.targets[0], others=[*own.outputs[1:], *own.targets[1:]],
    )  # fmt: skip
    return [made if own.weight == 1 else {**made, "weight": own.weight}]


def _names(own: Own) -> list[str]:
    """Name what the graph takes: prediction, target, and the rest."""
    rest = [*own.outputs[1:], *own.targets[1:]]
    return ["prediction", *own.outputs[1:], "target", *own.targets[1:]] if rest else [
        "prediction", "target"
    ]  # fmt: skip


def _array(tensor: torch.Tensor) -> Array:
    held: Array = (
        tensor.detach().cpu().float().numpy()
        if tensor.is_floating_point()
        else (tensor.detach().cpu().numpy())
    )
    return held


def _fed(array: Array, as_floats: bool) -> Array:
    return array.astype(np.float32) if as_floats else array


#: Targets of more different whole numbers are no classes.
_MOST_LABELS = 1 << 16


def _labels(document: RunDocument, names: Sequence[str]) -> frozenset[int] | None:
    """Return the whole numbers among targets; None: they are not known."""
    found: set[int] = set()
    for name in names:
        array = document.arrays[document.data[name]]
        if array.dtype.kind not in "iu":
            continue
        if rows_behind(array) is not None:
            return None
        found.update(np.unique(array).tolist())
    return frozenset(found) if len(found) <= _MOST_LABELS else None


def _refuse_trained(registry: Registry, graph: fx.Graph, held: nn.Module) -> None:
    """Refuse parameters of the model, or of nobody, that the loss reads from outside."""
    for node in graph.nodes:
        if node.op != "get_attr":
            continue
        path = str(node.target)
        value = registry.tensor(path) if registry.is_path(path) else None
        if value is None:
            owner, _, name = path.rpartition(".")
            value = getattr(held.get_submodule(owner), name, None)
        if isinstance(value, torch.Tensor) and value.requires_grad:
            raise ExportError(
                "it reads a tensor that is trained, of shape "
                f"{tuple(value.shape)}; a penalty on weights belongs into the optimizer's "
                "weight_decay, and what else the loss needs into the outputs of the model"
            )


def _check(lowering: Lowering, outputs: Mapping[str, str]) -> None:
    """Refuse a loss that is not one number."""
    result = next(node for node in lowering.graph.nodes if node.op == "output")
    held = [node for node in leaves(result.args[0]) if isinstance(node, fx.Node)]
    if len(outputs) != 1 or len(held) != 1:
        raise ExportError("it returns several tensors; pass a function that returns the loss alone")
    size = lowering.sizes(held[0])
    if any(length != 1 for length in size):
        raise ExportError(f"it gives a tensor of shape {size}; a training needs one number")
